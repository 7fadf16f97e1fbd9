import Attention

/// x before the first block of an encoder. Positions, segments, norms and projection are optional.
///
///     x = projectedNorm(projection(norm(E[id] + P[position] + S[segment])))
struct EncoderInput: Sendable {
  /// E, `[id, feature]`.
  let words: WordTable
  /// P, `[position, feature]`, whose row count limits the length; nil if attention encodes the positions.
  var positions: Embedding?
  /// The id of the padding token p if positions are RoBERTa's: p for a padding token, and p + 1, p + 2, … for
  /// the other tokens of a sequence. nil for positions 0, 1, 2, ….
  var paddingToken: Int?
  /// S, `[segment, feature]`. A table of one row adds this row to every token.
  var segments: Embedding?
  /// Applied to each sum.
  var norm: LayerNorm?
  /// From the features of an embedding to the hidden size.
  var projection: Linear?
  /// Applied after the projection.
  var projectedNorm: LayerNorm?

  var hiddenSize: Int { projection?.outputSize ?? words.hiddenSize }

  /// The longest sequence in tokens; nil for no limit.
  var contextLength: Int? { positions.map { $0.count - (paddingToken.map { $0 + 1 } ?? 0) } }

  /// x, `[token, feature]`, of tokens that `require(_:)` has checked.
  func callAsFunction(_ tokens: PackedTokens) throws -> Tensor {
    let embeddings = try embeddings(of: tokens)
    let projected = try projection?(embeddings) ?? embeddings
    return try projectedNorm?(projected) ?? projected
  }

  private func embeddings(of tokens: PackedTokens) throws -> Tensor {
    var parts: [(table: Embedding, indices: [Int])] = []
    if let positions {
      parts.append((positions, try positionIndices(of: tokens)))
    }
    if let segments {
      let indices =
        segments.count == 1 ? Array(repeating: 0, count: tokens.ids.count) : tokens.segments
      parts.append((segments, indices))
    }
    switch words {
    case .rows(let table):
      return try embeddingSum([(table, tokens.ids)] + parts, norm: norm)
    case .panels(let table):
      var hidden = try table(tokens.ids)
      if !parts.isEmpty { try hidden.add(embeddingSum(parts)) }
      return try norm?(hidden) ?? hidden
    }
  }

  /// The row of P for each token.
  private func positionIndices(of tokens: PackedTokens) throws -> [Int] {
    guard let paddingToken else {
      return try TokenPositions.fromStart.resolved(lengths: tokens.lengths)
    }
    try requireMemory(
      count: tokens.ids.count, of: Int.self, purpose: "the positions of the tokens")
    var (indices, token) = ([Int](), 0)
    indices.reserveCapacity(tokens.ids.count)
    for length in tokens.lengths {
      var position = paddingToken
      for id in tokens.ids[token..<token + length] {
        if id != paddingToken { position += 1 }
        indices.append(id == paddingToken ? paddingToken : position)
      }
      token += length
    }
    return indices
  }

  /// Checks that lengths and segments match the ids, and that no sequence is too long.
  ///
  /// - Throws: `AttentionError.argument` naming "lengths" or "segments"; `ModelError.text` with both
  ///   lengths.
  func require(_ tokens: PackedTokens) throws {
    _ = try packedRanges(tokens.lengths, total: tokens.ids.count, name: "lengths", of: "ids")
    guard tokens.segments.count == tokens.ids.count else {
      throw AttentionError.argument(
        "segments",
        reason: "expected \(tokens.ids.count), one per token, got \(tokens.segments.count)")
    }
    if let limit = contextLength,
      let index = tokens.lengths.firstIndex(where: { $0 > limit })
    {
      throw ModelError.text(
        "sequence", index: index,
        reason: "\(tokens.lengths[index]) tokens, longer than the limit of \(limit)")
    }
  }
}

/// Word embeddings E, `[id, feature]`.
enum WordTable: Sendable {
  /// Float32, row-major: the embedding of a token is one row.
  case rows(Embedding)
  /// A narrower format, in the panel layout of a linear layer.
  case panels(TokenEmbedding)

  /// The number of ids.
  var count: Int {
    switch self {
    case .rows(let table): table.count
    case .panels(let table): table.count
    }
  }

  var hiddenSize: Int {
    switch self {
    case .rows(let table): table.hiddenSize
    case .panels(let table): table.hiddenSize
    }
  }
}
