import Attention

/// x before the first block of an encoder. Positions, segments and norm are optional.
///
///     x = norm(E[id] + P[position] + S[segment])
struct EncoderInput: Sendable {
  /// E, `[id, feature]`.
  let words: WordTable
  /// P, `[position, feature]`, whose row count limits the length; nil if attention encodes the positions.
  var positions: Embedding?
  /// S, `[segment, feature]`.
  var segments: Embedding?
  /// Applied to each sum.
  var norm: LayerNorm?

  var hiddenSize: Int { words.hiddenSize }

  /// x, `[token, feature]`, of tokens that `require(_:)` has checked.
  func callAsFunction(_ tokens: PackedTokens) throws -> Tensor {
    var parts: [(table: Embedding, indices: [Int])] = []
    if let positions {
      parts.append((positions, try TokenPositions.fromStart.resolved(lengths: tokens.lengths)))
    }
    if let segments { parts.append((segments, tokens.segments)) }
    switch words {
    case .rows(let table):
      return try embeddingSum([(table, tokens.ids)] + parts, norm: norm)
    case .panels(let table):
      var hidden = try table(tokens.ids)
      if !parts.isEmpty { try hidden.add(embeddingSum(parts)) }
      return try norm?(hidden) ?? hidden
    }
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
    if let limit = positions?.count,
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
