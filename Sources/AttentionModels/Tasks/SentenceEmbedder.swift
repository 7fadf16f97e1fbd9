import Attention

/// Turns texts into vectors whose similarity is the similarity of the texts' meanings: the pooled hidden
/// states of an encoder, v = pool(encoder(tokens)), and v / |v| if the model normalizes.
///
/// ```swift
/// let embedder = try SentenceEmbedder(model: "sentence-transformers/all-MiniLM-L6-v2")
/// let vectors = try embedder.embed(["A cat sat on the mat.", "A feline rested on a rug."])
/// let cosine = try embedder.similarity("A cat sat on the mat.", "A feline rested on a rug.")
/// ```
///
/// The weights are immutable and shared: any number of tasks can use one embedder at once.
///
/// - Source: Reimers & Gurevych 2019.
public struct SentenceEmbedder: Sendable {
  /// The tokenizer of the model.
  public let tokenizer: Tokenizer
  /// The encoder of the model.
  public let encoder: any EncoderModel
  /// How the vectors of the tokens become one vector. An embedding is the concatenation of all poolings.
  public let poolings: [Pooling]
  /// Whether embeddings are scaled to length 1.
  public let normalizes: Bool
  /// The measure of `similarity`, from the model's files; cosine if they have none.
  public let similarityMeasure: Similarity
  /// The longest sequence in tokens, including special tokens; `Int.max` for no limit.
  public let maxLength: Int

  private let lowercases: Bool
  private let prompt: String

  /// The number of features of an embedding.
  public var embeddingDimension: Int { encoder.hiddenSize * poolings.count }

  /// Loads a sentence model, or a plain encoder with mean pooling.
  ///
  /// Blocks the thread until the weights are read; ``load(model:revision:format:)`` does not.
  ///
  /// - Parameters:
  ///   - model: the path of its folder, or a name; see ``ModelDirectory/init(_:revision:)``.
  ///   - revision: the revision in Hugging Face's cache; nil for `main`.
  ///   - format: the format of the weights in memory; nil for the format of the file.
  /// - Throws: ``ModelError`` naming the file and what is wrong with it; `AttentionError.file` for
  ///   a file that cannot be read or is outside the folder; `AttentionError.memory`.
  public init(model: String, revision: String? = nil, format: WeightFormat? = nil) throws {
    try self.init(ModelDirectory(model, revision: revision), format: format)
  }

  /// Loads the sentence model in a folder, or a plain encoder with mean pooling.
  ///
  /// - Throws: as ``init(model:revision:format:)``.
  public init(_ directory: ModelDirectory, format: WeightFormat? = nil) throws {
    let pipeline = try SentencePipeline(directory)
    // Load concurrently: reading the weights and parsing the vocabulary take about the same time.
    (encoder, tokenizer) = try Workers.both(
      { try EncoderModels.load(directory, format: format) }, { try Tokenizer(directory) })
    poolings = pipeline.poolings
    normalizes = pipeline.normalizes
    similarityMeasure = pipeline.similarity
    lowercases = pipeline.lowercases
    prompt = pipeline.prompt
    maxLength =
      [pipeline.maxLength, encoder.contextLength].compactMap(\.self).min() ?? Int.max
  }

  /// Loads a sentence model without blocking a thread of Swift's cooperative pool.
  ///
  /// ```swift
  /// let embedder = try await SentenceEmbedder.load(model: "sentence-transformers/all-MiniLM-L6-v2")
  /// ```
  ///
  /// Uses the backend and the threads of the scope, as the initializer does.
  ///
  /// - Parameters:
  ///   - model: the path of its folder, or a name; see ``ModelDirectory/init(_:revision:)``.
  ///   - revision: the revision in Hugging Face's cache; nil for `main`.
  ///   - format: the format of the weights in memory; nil for the format of the file.
  /// - Throws: as ``init(model:revision:format:)``; `CancellationError` if the current task is
  ///   cancelled.
  public static func load(
    model: String, revision: String? = nil, format: WeightFormat? = nil
  ) async throws -> SentenceEmbedder {
    try await BlockingWork.run {
      try SentenceEmbedder(model: model, revision: revision, format: format)
    }
  }

  /// Loads the sentence model in a folder without blocking a thread of Swift's cooperative pool.
  ///
  /// - Throws: as ``load(model:revision:format:)``.
  public static func load(
    _ directory: ModelDirectory, format: WeightFormat? = nil
  ) async throws -> SentenceEmbedder {
    try await BlockingWork.run { try SentenceEmbedder(directory, format: format) }
  }
}

// MARK: - Embeddings

extension SentenceEmbedder {
  /// Embeds one text.
  ///
  /// - Parameters:
  ///   - text: the text; may be empty.
  ///   - truncation: what to do with a text of more than ``maxLength`` tokens.
  /// - Returns: ``embeddingDimension`` numbers.
  /// - Throws: as ``embed(_:truncation:)-([String],_)``.
  public func embed(_ text: String, truncation: Truncation = .cutEnd) throws -> [Float] {
    try embed([text], truncation: truncation).scalars
  }

  /// Embeds texts of any lengths; no padding is computed.
  ///
  /// - Parameters:
  ///   - texts: the texts; may be empty.
  ///   - truncation: what to do with a text of more than ``maxLength`` tokens.
  /// - Returns: `[text, embeddingDimension]`.
  /// - Throws: ``ModelError/text(_:index:reason:)`` for a text that is "longer than" ``maxLength`` and
  ///   must not be cut, that has a token without an embedding, or whose embedding is "not finite";
  ///   `AttentionError.memory`.
  /// - Complexity: the encoder's for all tokens. Working memory does not grow with the number of
  ///   texts, except for the tokens and the result.
  public func embed(
    _ texts: [String], truncation: Truncation = .cutEnd
  ) throws -> Tensor {
    try embed(encodings(of: texts, truncation: truncation))
  }

  /// Tokenizes texts as the model requires: with its prompt, in its letter case, and cut to its maximum
  /// length.
  ///
  /// - Parameters:
  ///   - texts: the texts; may be empty.
  ///   - truncation: what to do with a text of more than ``maxLength`` tokens.
  /// - Returns: one encoding per text, in order.
  /// - Throws: ``ModelError/text(_:index:reason:)`` for a text that is "longer than" ``maxLength`` and
  ///   must not be cut, or that has a token without an embedding.
  public func encodings(
    of texts: [String], truncation: Truncation = .cutEnd
  ) throws -> [Encoding] {
    try Workers.map(texts, chunk: Self.textsPerChunk) { index, text in
      do {
        return try encoding(of: text, truncation: truncation)
      } catch let error as ModelError {
        throw error.withIndex(index)
      }
    }
  }

  private func encoding(of text: String, truncation: Truncation) throws -> Encoding {
    let encoding = try tokenizer.encode(
      prompt + (lowercases ? text.lowercased() : text), maxLength: maxLength)
    guard truncation == .cutEnd || !encoding.wasTruncated else {
      throw ModelError.text(
        "text",
        reason:
          "\(encoding.untruncatedCount) tokens, longer than the limit of \(maxLength)")
    }
    try encoding.requireRows(encoder.vocabularySize, named: "text")
    return encoding
  }

  /// Embeds tokenized texts.
  ///
  /// - Parameter encodings: for example from ``encodings(of:truncation:)``.
  /// - Returns: `[text, embeddingDimension]`.
  /// - Throws: ``ModelError/text(_:index:reason:)`` for an encoding that is "longer than" the encoder
  ///   allows, and for an embedding that is "not finite"; `AttentionError.memory`.
  public func embed(_ encodings: [Encoding]) throws -> Tensor {
    try Tensor(shape: [encodings.count, embeddingDimension]) { embeddings in
      for batch in TokenBatches.ranges(lengths: encodings.lazy.map(\.count)) {
        let rows = UnsafeMutableBufferPointer(
          rebasing: embeddings[
            (batch.lowerBound * embeddingDimension)..<(batch.upperBound * embeddingDimension)])
        do {
          try embed(PackedTokens(encodings[batch]), into: rows)
        } catch let error as ModelError {
          throw error.shiftingIndex(by: batch.lowerBound)
        }
      }
    }
  }

  /// Computes the embeddings of a batch into uninitialized memory, `[text, embeddingDimension]`.
  private func embed(
    _ tokens: PackedTokens, into embeddings: UnsafeMutableBufferPointer<Float>
  ) throws {
    let hidden = try encoder(tokens).hiddenStates  // [token, hiddenSize]
    let hiddenSize = encoder.hiddenSize
    for (index, pooling) in poolings.enumerated() {
      try pooling.pool(hidden, lengths: tokens.lengths) { row in
        let start = row * embeddingDimension + index * hiddenSize
        return embeddings[start..<start + hiddenSize]
      }
    }
    if normalizes { normalize(embeddings) }
    try requireFinite(embeddings)
  }

  /// Scales each row to length 1. A row of zeros stays zero.
  private func normalize(_ embeddings: UnsafeMutableBufferPointer<Float>) {
    for start in stride(from: 0, to: embeddings.count, by: max(embeddingDimension, 1)) {
      let vector = UnsafeMutableBufferPointer(
        rebasing: embeddings[start..<start + embeddingDimension])
      let divisor = Float(UnsafeBufferPointer(vector).boundedLength)
      for feature in vector.indices { vector[feature] /= divisor }
    }
  }

  /// Checks that no embedding is NaN or infinite, which very large weights can cause.
  private func requireFinite(_ embeddings: UnsafeMutableBufferPointer<Float>) throws {
    let scalars = UnsafeBufferPointer(embeddings)
    guard !Backend.current.kernels.isFinite(scalars),
      let index = scalars.firstIndex(where: { !$0.isFinite })
    else { return }
    throw ModelError.text(
      "text", index: index / embeddingDimension,
      reason:
        "the embedding is not finite: number \(index % embeddingDimension) is \(scalars[index])")
  }

  /// The number of texts that a thread tokenizes at once: about a tenth of a millisecond of work.
  private static let textsPerChunk = 16
}

// MARK: - Similarity

extension SentenceEmbedder {
  /// The similarity of two texts, by ``similarityMeasure``: the cosine, from −1 to 1, for most models.
  ///
  /// ```swift
  /// try embedder.similarity("A cat sat on the mat.", "A feline rested on a rug.")  // 0.57
  /// ```
  ///
  /// - Throws: as ``embed(_:truncation:)-([String],_)``.
  public func similarity(
    _ a: String, _ b: String, truncation: Truncation = .cutEnd
  ) throws -> Float {
    let embeddings = try embed([a, b], truncation: truncation)
    return try similarity(embeddings.rows(0..<1), embeddings.rows(1..<2))[0, 0]
  }

  /// The similarity of each text of `a` to each text of `b`.
  ///
  /// - Returns: `[text of a, text of b]`.
  /// - Throws: as ``embed(_:truncation:)-([String],_)``; an error's index counts the texts of `a`,
  ///   then the texts of `b`.
  public func similarity(
    _ a: [String], _ b: [String], truncation: Truncation = .cutEnd
  ) throws -> Tensor {
    let embeddings = try embed(a + b, truncation: truncation)
    return try similarity(
      embeddings.rows(0..<a.count), embeddings.rows(a.count..<a.count + b.count))
  }

  /// The similarity of each embedding of `a` to each embedding of `b`.
  ///
  /// - Parameters:
  ///   - a: embeddings, `[text, embeddingDimension]`.
  ///   - b: embeddings, `[text, embeddingDimension]`.
  /// - Returns: `[row of a, row of b]`.
  /// - Throws: `AttentionError.shape` unless both are matrices with the same number of features;
  ///   `AttentionError.memory`.
  public func similarity(_ a: Tensor, _ b: Tensor) throws -> Tensor {
    try similarityMeasure(a, b)
  }
}
