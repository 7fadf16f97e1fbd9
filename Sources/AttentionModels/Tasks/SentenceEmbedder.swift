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
public struct SentenceEmbedder: ModelTask {
  /// The tokenizer of the model.
  public let tokenizer: Tokenizer
  /// The encoder of the model.
  public let encoder: any EncoderModel
  /// How the vectors of the tokens become one vector. An embedding is the concatenation of all poolings.
  public let poolings: [Pooling]
  /// The model's prompts by name, such as `query`.
  public var prompts: [String: String] { promptTexts.texts }
  /// The number of features of an embedding.
  public let embeddingDimension: Int
  /// The measure of `similarity`, from the model's files; cosine if they have none.
  public let similarityMeasure: Similarity
  /// The longest sequence in tokens, including special tokens; `Int.max` for no limit.
  public let maxLength: Int

  private let lowercases: Bool
  private let promptTexts: SentencePrompts
  private let poolsPrompt: Bool
  private let steps: [EmbeddingStep]

  /// Whether embeddings are scaled to length 1.
  public var normalizes: Bool {
    steps.contains { if case .normalize = $0 { true } else { false } }
  }

  /// Loads the sentence model in a folder, or a plain encoder with mean pooling.
  ///
  /// - Throws: ``ModelError`` naming the file and what is wrong with it; `AttentionError.file` for a file that cannot
  ///   be read or is outside the folder; `AttentionError.memory`.
  public init(_ directory: ModelDirectory, format: WeightFormat? = nil) throws {
    let pipeline = try SentencePipeline(directory, format: format)
    let folder = pipeline.encoder
    // Load concurrently: reading the weights and parsing the vocabulary take about the same time.
    (encoder, tokenizer) = try Workers.both(
      { try EncoderModels.load(folder, format: format) }, { try Tokenizer(folder) })
    poolings = pipeline.poolings
    poolsPrompt = pipeline.poolsPrompt
    steps = pipeline.steps
    let size = try pipeline.outputSize(pooledSize: encoder.hiddenSize * poolings.count)
    embeddingDimension = min(size, pipeline.dimensions ?? size)
    similarityMeasure = pipeline.similarity
    lowercases = pipeline.lowercases
    promptTexts = pipeline.prompts
    maxLength =
      [pipeline.maxLength, encoder.contextLength].compactMap(\.self).min() ?? Int.max
  }
}

// MARK: - Embeddings

extension SentenceEmbedder {
  /// Embeds one text.
  ///
  /// - Parameters:
  ///   - text: the text; may be empty.
  ///   - prompt: the text that the model expects before the text.
  ///   - dimensions: the number of features to keep; nil for ``embeddingDimension``.
  ///   - truncation: what to do with a text of more than ``maxLength`` tokens.
  /// - Returns: `dimensions` numbers.
  /// - Throws: as ``embed(_:prompt:dimensions:truncation:)-([String],_,_,_)``.
  public func embed(
    _ text: String, prompt: EmbeddingPrompt = .default, dimensions: Int? = nil,
    truncation: Truncation = .cutEnd
  ) throws -> [Float] {
    try embed([text], prompt: prompt, dimensions: dimensions, truncation: truncation).scalars
  }

  /// Embeds texts of any lengths; no padding is computed.
  ///
  /// ```swift
  /// let questions = try embedder.embed(["How do I reset my password?"], prompt: .query)
  /// let passages = try embedder.embed(["I forgot the code that lets me log in"], prompt: .document)
  /// ```
  ///
  /// Models that are trained for it (Matryoshka) have the most important features first. With fewer
  /// `dimensions`, an embedding keeps its first features, and has length 1 again if the model normalizes.
  ///
  /// - Parameters:
  ///   - texts: the texts; may be empty.
  ///   - prompt: the text that the model expects before each text.
  ///   - dimensions: the number of features to keep; nil for ``embeddingDimension``.
  ///   - truncation: what to do with a text of more than ``maxLength`` tokens.
  /// - Returns: `[text, dimensions]`.
  /// - Throws: ``ModelError/text(_:index:reason:)`` for a text that is "longer than" ``maxLength`` and
  ///   must not be cut, that has a token without an embedding, or whose embedding is "not finite";
  ///   `AttentionError.argument` naming "prompt" for an unknown name, or "dimensions" if less than 1;
  ///   `AttentionError.memory`.
  /// - Source: prompts as in sentence-transformers; Kusupati et al. 2022 (Matryoshka).
  /// - Complexity: the encoder's for all tokens. Working memory does not grow with the number of
  ///   texts, except for the tokens and the result.
  public func embed(
    _ texts: [String], prompt: EmbeddingPrompt = .default, dimensions: Int? = nil,
    truncation: Truncation = .cutEnd
  ) throws -> Tensor {
    try embed(
      encodings(of: texts, prompt: prompt, truncation: truncation), prompt: prompt,
      dimensions: dimensions)
  }

  /// Tokenizes texts as the model requires: with its prompt, in its letter case, and cut to its maximum
  /// length.
  ///
  /// - Parameters:
  ///   - texts: the texts; may be empty.
  ///   - prompt: the text that the model expects before each text.
  ///   - truncation: what to do with a text of more than ``maxLength`` tokens.
  /// - Returns: one encoding per text, in order.
  /// - Throws: ``ModelError/text(_:index:reason:)`` for a text that is "longer than" ``maxLength`` and
  ///   must not be cut, or that has a token without an embedding.
  public func encodings(
    of texts: [String], prompt: EmbeddingPrompt = .default, truncation: Truncation = .cutEnd
  ) throws -> [Encoding] {
    let prompt = try promptTexts.text(prompt)
    return try Workers.map(texts, chunk: Self.textsPerChunk) { index, text in
      do {
        return try encoding(of: text, prompt: prompt, truncation: truncation)
      } catch let error as ModelError {
        throw error.withIndex(index)
      }
    }
  }

  private func encoding(
    of text: String, prompt: String, truncation: Truncation
  ) throws -> Encoding {
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
  /// - Parameters:
  ///   - encodings: for example from ``encodings(of:prompt:truncation:)``.
  ///   - prompt: the prompt of the encodings. It matters only to models that do not pool its tokens.
  ///   - dimensions: the number of features to keep; nil for ``embeddingDimension``.
  /// - Returns: `[text, dimensions]`.
  /// - Throws: ``ModelError/text(_:index:reason:)`` for an encoding that is "longer than" the encoder
  ///   allows, and for an embedding that is "not finite"; `AttentionError.argument` as
  ///   ``embed(_:prompt:dimensions:truncation:)-([String],_,_,_)``; `AttentionError.memory`.
  public func embed(
    _ encodings: [Encoding], prompt: EmbeddingPrompt = .default, dimensions: Int? = nil
  ) throws -> Tensor {
    if let dimensions, dimensions < 1 {
      throw AttentionError.argument(
        "dimensions", reason: "expected at least 1, got \(dimensions)")
    }
    let size = min(dimensions ?? embeddingDimension, embeddingDimension)
    let skipped = try unpooledLength(promptTexts.text(prompt))
    return try Tensor(shape: [encodings.count, size]) { embeddings in
      for batch in TokenBatches.ranges(lengths: encodings.lazy.map(\.count)) {
        do {
          try embed(PackedTokens(encodings[batch]), size: size, skipping: skipped)
            .withUnsafeScalars {
              _ = embeddings[(batch.lowerBound * size)...].initialize(fromContentsOf: $0)
            }
        } catch let error as ModelError {
          throw error.shiftingIndex(by: batch.lowerBound)
        }
      }
    }
  }

  /// The number of tokens at the start of a sequence that are not pooled: the prompt, if the model excludes it.
  private func unpooledLength(_ prompt: String) throws -> Int {
    guard !poolsPrompt, !prompt.isEmpty else { return 0 }
    let encoding = try tokenizer.encode(prompt)
    // A special token at the end, such as [SEP], follows the text.
    return encoding.count - (encoding.isSpecial.last == true ? 1 : 0)
  }

  /// The embeddings of a batch, `[text, size]`.
  ///
  /// - Parameter skipped: the number of tokens of each sequence that are not pooled.
  private func embed(_ tokens: PackedTokens, size: Int, skipping skipped: Int) throws -> Tensor {
    let hidden = try encoder(tokens).hiddenStates  // [token, hiddenSize]
    let hiddenSize = encoder.hiddenSize
    let pooledSize = hiddenSize * poolings.count
    var embeddings = try Tensor(shape: [tokens.lengths.count, pooledSize]) { pooled in
      for (index, pooling) in poolings.enumerated() {
        try pooling.pool(hidden, lengths: tokens.lengths, skipping: skipped) { row in
          let start = row * pooledSize + index * hiddenSize
          return pooled[start..<start + hiddenSize]
        }
      }
    }
    for step in steps { embeddings = try step(embeddings) }
    if size < embeddings.shape[1] {
      embeddings = try Tensor(embeddings.columns(0..<size))
      if normalizes { try embeddings.normalizeRows() }
    }
    try requireFinite(embeddings)
    return embeddings
  }

  /// Checks that no embedding is NaN or infinite, which very large weights can cause.
  private func requireFinite(_ embeddings: Tensor) throws {
    let size = embeddings.shape[1]
    try embeddings.withUnsafeScalars { scalars in
      guard !Backend.current.kernels.isFinite(scalars),
        let index = scalars.firstIndex(where: { !$0.isFinite })
      else { return }
      throw ModelError.text(
        "text", index: index / size,
        reason: "the embedding is not finite: number \(index % size) is \(scalars[index])")
    }
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
  /// - Throws: as ``embed(_:prompt:dimensions:truncation:)-([String],_,_,_)``.
  public func similarity(
    _ a: String, _ b: String, truncation: Truncation = .cutEnd
  ) throws -> Float {
    let embeddings = try embed([a, b], truncation: truncation)
    return try similarity(embeddings.rows(0..<1), embeddings.rows(1..<2))[0, 0]
  }

  /// The similarity of each text of `a` to each text of `b`.
  ///
  /// - Returns: `[text of a, text of b]`.
  /// - Throws: as ``embed(_:prompt:dimensions:truncation:)-([String],_,_,_)``; an error's index counts the texts of `a`,
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
