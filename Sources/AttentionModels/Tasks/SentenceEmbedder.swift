import Attention

/// Turns texts into vectors whose cosine says how alike their meanings are: the pooled hidden states
/// of an encoder, v = pool(encoder(tokens)), and v / |v| where the model wants length 1.
///
/// ```swift
/// let embedder = try SentenceEmbedder(model: "sentence-transformers/all-MiniLM-L6-v2")
/// let vectors = try embedder.embed(["A cat sat on the mat.", "A feline rested on a rug."])
/// ```
///
/// A value over shared immutable weights: any number of tasks can use one embedder at once.
///
/// - Source: Reimers & Gurevych 2019.
public struct SentenceEmbedder: Sendable {
  /// What cuts the texts into tokens.
  public let tokenizer: Tokenizer
  /// What turns tokens into vectors.
  public let encoder: BERT
  /// How the tokens' vectors become one; the results of several stand side by side.
  public let poolings: [Pooling]
  /// Whether embeddings are scaled to length 1.
  public let normalizes: Bool
  /// The longest sequence in tokens, special tokens included.
  public let maxLength: Int

  private let lowercases: Bool
  private let prompt: String

  /// What happens to a text that has more than `maxLength` tokens.
  public enum Truncation: Sendable, Hashable {
    /// Its end is left out, as in sentence-transformers.
    case cutEnd
    /// It is refused.
    case refuse
  }

  /// The number of features of an embedding.
  public var embeddingDimension: Int { encoder.configuration.hiddenSize * poolings.count }

  /// Loads a sentence model, or a plain encoder with mean pooling.
  ///
  /// - Parameters:
  ///   - model: the path of its folder, or a name; see ``ModelDirectory/init(_:revision:)``.
  ///   - revision: the revision in Hugging Face's cache; nil for `main`.
  /// - Throws: ``ModelError`` naming the file and what is wrong with it; `AttentionError.file` for
  ///   one that cannot be read or leads out of the folder; `AttentionError.memory`.
  public init(model: String, revision: String? = nil) throws {
    try self.init(ModelDirectory(model, revision: revision))
  }

  /// Loads the sentence model in a folder, or a plain encoder with mean pooling.
  ///
  /// - Throws: as ``init(model:revision:)``.
  public init(_ directory: ModelDirectory) throws {
    let pipeline = try SentencePipeline(directory)
    // Weights are a matter of copying, vocabularies of parsing: they take about the same time.
    (encoder, tokenizer) = try Workers.both(
      { try BERT(directory) }, { try Tokenizer(directory) })
    poolings = pipeline.poolings
    normalizes = pipeline.normalizes
    lowercases = pipeline.lowercases
    prompt = pipeline.prompt
    let longest = encoder.configuration.contextLength
    maxLength = min(pipeline.maxLength ?? longest, longest)
  }

  /// The embedding of one text.
  ///
  /// - Parameters:
  ///   - text: the text; an empty one is its special tokens alone.
  ///   - truncation: what happens to a text that is too long.
  /// - Returns: ``embeddingDimension`` numbers.
  /// - Throws: as for many texts.
  public func embed(_ text: String, truncation: Truncation = .cutEnd) throws -> [Float] {
    try embed([text], truncation: truncation).scalars
  }

  /// The embeddings of texts of any lengths; no padding is computed.
  ///
  /// - Parameters:
  ///   - texts: the texts; an empty one is its special tokens alone.
  ///   - truncation: what happens to a text that is too long.
  /// - Returns: `[text, embeddingDimension]`.
  /// - Throws: ``ModelError/text(_:reason:)`` with the text's number when the text is "longer than"
  ///   ``maxLength`` and not to be cut, or has a token for which the encoder has no embedding;
  ///   `AttentionError.memory`.
  /// - Complexity: the encoder's for all tokens; the texts are encoded some thousand tokens at a
  ///   time, so that memory grows only with the result.
  public func embed(
    _ texts: [String], truncation: Truncation = .cutEnd
  ) throws -> Tensor {
    try embed(encodings(of: texts, truncation: truncation))
  }

  /// The tokens of each text as the encoder will see them.
  ///
  /// - Parameters:
  ///   - texts: the texts; an empty one is its special tokens alone.
  ///   - truncation: what happens to a text that is too long.
  /// - Returns: one encoding a text, in order.
  /// - Throws: ``ModelError/text(_:reason:)`` with the text's number when the text is "longer than"
  ///   ``maxLength`` and not to be cut, or has a token for which the encoder has no embedding.
  public func encodings(
    of texts: [String], truncation: Truncation = .cutEnd
  ) throws -> [Encoding] {
    try Workers.map(texts, chunk: Self.textsPerChunk) { index, text in
      let encoding = try tokenizer.encode(
        prompt + (lowercases ? text.lowercased() : text), maxLength: maxLength)
      guard truncation == .cutEnd || !encoding.wasTruncated else {
        throw ModelError.text(
          "text \(index)",
          reason:
            "\(encoding.untruncatedCount) tokens, longer than the \(maxLength) of the model"
        )
      }
      try encoding.requireRows(encoder.configuration.vocabularySize, named: "text \(index)")
      return encoding
    }
  }

  /// The embeddings of texts that are tokenized already.
  ///
  /// - Parameter encodings: such as ``encodings(of:truncation:)`` gives.
  /// - Returns: `[text, embeddingDimension]`.
  /// - Throws: ``ModelError/text(_:reason:)`` for an encoding that is longer than the encoder allows, and
  ///   for an embedding that is "not finite"; `AttentionError.memory`.
  public func embed(_ encodings: [Encoding]) throws -> Tensor {
    var parts: [Tensor] = []
    for batch in batches(of: encodings) {
      let tokens = PackedTokens(encodings[batch])
      let hidden = try encoder(tokens).hiddenStates  // [token, hiddenSize]
      let pooled = try poolings.map { try $0(hidden, lengths: tokens.lengths) }
      let part = try sideBySide(pooled, rowCount: batch.count)
      try requireFinite(part, firstText: batch.lowerBound)
      parts.append(part)
    }
    return try Tensor(shape: [encodings.count, embeddingDimension]) { rows in
      var start = 0
      for part in parts {
        part.withUnsafeScalars { scalars in
          _ = rows[start...].initialize(fromContentsOf: scalars)
          start += scalars.count
        }
      }
    }
  }

  /// Refuses embeddings that are NaN or infinite: weights so large that sums of them are not finite.
  private func requireFinite(_ embeddings: Tensor, firstText: Int) throws {
    try embeddings.withUnsafeScalars { scalars in
      guard !Backend.current.kernels.loops.isFinite(scalars),
        let index = scalars.firstIndex(where: { !$0.isFinite })
      else { return }
      throw ModelError.text(
        "text \(firstText + index / embeddingDimension)",
        reason:
          "the embedding is not finite: number \(index % embeddingDimension) is \(scalars[index])")
    }
  }

  /// As many texts as a thread tokenizes before it takes more: a tenth of a millisecond's work.
  private static let textsPerChunk = 16

  /// As many tokens as are encoded at once: enough for large matrix products, few enough that the
  /// activations stay small beside the weights.
  private static let tokensPerBatch = 2048

  /// Consecutive texts that together have up to `tokensPerBatch` tokens.
  private func batches(of encodings: [Encoding]) -> [Range<Int>] {
    var batches: [Range<Int>] = []
    var (start, tokenCount) = (0, 0)
    for (index, encoding) in encodings.enumerated() {
      if tokenCount > 0, tokenCount + encoding.ids.count > Self.tokensPerBatch {
        batches.append(start..<index)
        (start, tokenCount) = (index, 0)
      }
      tokenCount += encoding.ids.count
    }
    if start < encodings.count { batches.append(start..<encodings.count) }
    return batches
  }

  /// The poolings' vectors joined row by row, scaled to length 1 if the model wants it.
  private func sideBySide(_ pooled: [Tensor], rowCount: Int) throws -> Tensor {
    let part = encoder.configuration.hiddenSize
    return try Tensor(shape: [rowCount, embeddingDimension]) { joined in
      joined.initialize(repeating: 0)
      for (index, tensor) in pooled.enumerated() {
        tensor.withUnsafeScalars { scalars in
          for row in 0..<rowCount {
            for feature in 0..<part {
              joined[row * embeddingDimension + index * part + feature] =
                scalars[row * part + feature]
            }
          }
        }
      }
      guard normalizes else { return }
      for row in 0..<rowCount {
        let vector = UnsafeMutableBufferPointer(
          rebasing: joined[row * embeddingDimension..<(row + 1) * embeddingDimension])
        let length = vector.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        // The bound is PyTorch's: a vector of zeros stays one.
        for feature in vector.indices { vector[feature] /= Float(max(length, 1e-12)) }
      }
    }
  }
}
