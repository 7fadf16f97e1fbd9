import Attention

extension WeightLoader {
  /// Reads the token embeddings and the output layer, which share one matrix if they are tied.
  ///
  /// The file of a tied model may have one of the two tensors or both. If it has both, they are tied only if
  /// they are equal, as in `transformers`.
  ///
  /// - Parameters:
  ///   - table: the name of the embedding matrix, relative to this loader.
  ///   - head: the loader of the output layer.
  ///   - name: the name of the output layer.
  ///   - count: the number of token ids.
  func vocabulary(
    table: String, head: WeightLoader, _ name: String = "lm_head", count: Int, hiddenSize: Int,
    isTied: Bool
  ) throws -> (tokens: TokenEmbedding, output: Linear) {
    let isMissing = !contains("\(table).weight") && head.contains("\(name).weight")
    let tokens =
      isTied && isMissing
      ? try head.tokenEmbedding(name, count: count, hiddenSize: hiddenSize)
      : try tokenEmbedding(table, count: count, hiddenSize: hiddenSize)
    let isDifferent =
      try isTied && !isMissing && head.contains("\(name).weight")
      && !checkpoint.areEqual("\(prefix)\(table).weight", "\(head.prefix)\(name).weight")
    guard !isTied || isDifferent else { return (tokens, tokens.output) }
    return (tokens, try head.linear(name, from: hiddenSize, to: count, bias: .none))
  }

  /// Reads the token embeddings of an encoder–decoder, usually one matrix for encoder and decoder, and
  /// the output layer.
  ///
  /// A file may have the same matrix under several names; equal matrices are stored once.
  ///
  /// - Parameters:
  ///   - head: the loader of the output layer, `lm_head`.
  ///   - count: the number of token ids.
  ///   - isTied: whether the output layer is the shared matrix, unless the file has a different one.
  func sharedVocabulary(
    head: WeightLoader, count: Int, hiddenSize: Int, isTied: Bool
  ) throws -> (encoder: TokenEmbedding, decoder: TokenEmbedding, output: Linear) {
    let own = ["encoder.embed_tokens", "decoder.embed_tokens"]
    let name = (["shared"] + own).first { contains("\($0).weight") } ?? "shared"
    let (shared, output) = try vocabulary(
      table: name, head: head, count: count, hiddenSize: hiddenSize, isTied: isTied)
    let tables = try own.map { table in
      let isShared =
        try !contains("\(table).weight")
        || checkpoint.areEqual("\(prefix)\(table).weight", "\(prefix)\(name).weight")
      return isShared ? shared : try tokenEmbedding(table, count: count, hiddenSize: hiddenSize)
    }
    return (tables[0], tables[1], output)
  }
}
