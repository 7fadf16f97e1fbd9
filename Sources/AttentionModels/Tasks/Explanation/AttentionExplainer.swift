import Attention

/// Shows what the attention heads of a model attend to in a text: an encoder, a decoder, or an encoder–decoder.
///
/// ```swift
/// let explainer = try AttentionExplainer(model: "sentence-transformers/all-MiniLM-L6-v2")
/// let explanation = try explainer.explain("The cat sat on the mat because it was tired.")
/// let map = explanation.maps[0]
/// for word in map.queries.occurrences(of: "it") {
///   for link in try map.strongestLinks(from: word).prefix(3) { print(link) }
/// }
/// ```
public struct AttentionExplainer: ModelTask {
  /// A model whose attention is shown.
  public enum Model: Sendable {
    /// An encoder, such as BERT.
    case encoder(any EncoderModel)
    /// A decoder or an encoder–decoder, such as GPT-2 or T5, with its tokenizer and its options.
    case generator(TextGenerator)
  }

  /// The tokenizer of the model.
  public let tokenizer: Tokenizer
  /// The model.
  public let model: Model

  /// Loads the model in a folder, with its tokenizer. A model whose architecture is that of an encoder and of a
  /// decoder is loaded as a decoder.
  ///
  /// - Throws: ``ModelError`` naming the file and what is wrong with it; `AttentionError.file` for a file that cannot
  ///   be read or is outside the folder; `AttentionError.memory`.
  public init(_ directory: ModelDirectory, format: WeightFormat? = nil) throws {
    let type = try directory.configuration().optionalString("model_type") ?? ""
    let isEncoder = EncoderModels.architectures.contains(type)
    if LanguageModels.architectures.contains(type) {
      do {
        let generator = try TextGenerator(directory, format: format)
        (model, tokenizer) = (.generator(generator), generator.tokenizer)
        return
      } catch ModelError.unsupported where isEncoder {
        // An embedding model with the blocks of a decoder, whose tokens attend to later tokens.
      }
    }
    let (encoder, tokenizer) = try Workers.both(
      { try EncoderModels.load(directory, format: format) }, { try Tokenizer(directory) })
    (model, self.tokenizer) = (.encoder(encoder), tokenizer)
  }

  /// Computes the attention weights of a model for a text, or for a pair of texts.
  ///
  /// An encoder–decoder reads the text with the prefix of a task, and generates its most probable output, if `output`
  /// does not give one. In cross-attention, the row of a token has the attention with which the decoder chose this
  /// token; in the decoder's self-attention, the row of a token has the attention of reading it.
  ///
  /// - Parameters:
  ///   - text: the text.
  ///   - pair: the second text of a pair, for encoders.
  ///   - output: the text that an encoder–decoder generates; nil for the most probable one.
  ///   - options: what to compute.
  /// - Throws: ``ModelError/text(_:index:reason:)`` for a text that is "longer than" the model allows or
  ///   has a token without an embedding, and for weights that are "not finite"; `AttentionError.argument` naming "pair"
  ///   or "output" if the model does not read it; as ``TextGenerator``; `AttentionError.memory`.
  /// - Complexity: the model's, and O(layers · heads · tokens²) memory; with averaged heads, O(layers · tokens²).
  public func explain(
    _ text: String, pair: String? = nil, output: String? = nil,
    options: ExplanationOptions = ExplanationOptions()
  ) throws -> AttentionExplanation {
    switch model {
    case .encoder(let encoder):
      guard output == nil else {
        throw AttentionError.argument("output", reason: "an encoder generates no text")
      }
      return try explain(text, pair: pair, encoder, options)
    case .generator(let generator):
      guard pair == nil else {
        throw AttentionError.argument("pair", reason: "only an encoder reads a pair of texts")
      }
      guard generator.model.isEncoderDecoder else {
        guard output == nil else {
          throw AttentionError.argument("output", reason: "a decoder's output follows its text")
        }
        return try explain(text, decoder: generator, options)
      }
      return try explain(text, output: output, encoderDecoder: generator, options)
    }
  }

  /// Computes the attention weights without blocking a thread of Swift's cooperative pool.
  ///
  /// - Throws: as the synchronous form; `CancellationError` if the current task is cancelled.
  public func explain(
    _ text: String, pair: String? = nil, output: String? = nil,
    options: ExplanationOptions = ExplanationOptions()
  ) async throws -> AttentionExplanation {
    try await BlockingWork.run {
      try self.explain(text, pair: pair, output: output, options: options)
    }
  }
}

/// What an ``AttentionExplainer`` computes.
public struct ExplanationOptions: Sendable {
  /// Whether to keep only the mean of the weights over the heads of each layer, which needs 1/heads of the memory.
  public var averagesHeads = false
  /// Whether to keep Q, K, V and the vectors of the tokens in every layer, which an ``AttentionPage`` shows.
  public var includesSteps = false
  /// The task of an encoder–decoder, whose prefix precedes the text; nil for translation, if the model's configuration
  /// has it, else for its first task.
  public var task: TextTask?

  /// The default options.
  public init() {}
}

// MARK: - Models

extension AttentionExplainer {
  private func explain(
    _ text: String, pair: String?, _ encoder: any EncoderModel, _ options: ExplanationOptions
  ) throws -> AttentionExplanation {
    let encoding = try pair.map { try tokenizer.encode(text, pair: $0) } ?? tokenizer.encode(text)
    if let limit = encoder.contextLength, encoding.count > limit {
      throw ModelError.text(
        "text", reason: "\(encoding.count) tokens, longer than the limit of \(limit)")
    }
    try encoding.requireRows(encoder.vocabularySize, named: "text")
    let firstCount =
      try pair == nil ? 0 : tokenizer.encode(text, addingSpecialTokens: false).count
    let input = TokenizedText(
      [text] + (pair.map { [$0] } ?? []), encoding, firstCount: firstCount, tokenizer: tokenizer)
    let recorder = AttentionRecorder(options)
    _ = try withObserver(recorder) { try encoder(PackedTokens([encoding])) }
    return try recorder.explanation(input: input, kinds: [.encoder])
  }

  private func explain(
    _ text: String, decoder generator: TextGenerator, _ options: ExplanationOptions
  ) throws -> AttentionExplanation {
    let ids = try generator.prompt(text, options: generator.options, truncation: .refuse)
    let encoding = try tokenizer.encode(
      text, addingSpecialTokens: generator.options.addsSpecialTokens)
    let input =
      encoding.ids == ids
      ? TokenizedText([text], encoding, firstCount: 0, tokenizer: tokenizer)
      : TokenizedText(generated: ids, startCount: ids.count, tokenizer: tokenizer)
    let recorder = AttentionRecorder(options)
    try withObserver(recorder) {
      var (state, tokens) = try generator.model.begin(PackedTokens([ids]))
      _ = try generator.model.logits(of: tokens, state: &state, rows: .last)
    }
    return try recorder.explanation(input: input, kinds: [.decoder], decoding: tokenizer)
  }

  private func explain(
    _ text: String, output: String?, encoderDecoder generator: TextGenerator,
    _ options: ExplanationOptions
  ) throws -> AttentionExplanation {
    let task =
      options.task ?? generator.tasks.first { $0.name.hasPrefix("translation") }
      ?? generator.tasks.first ?? TextTask(name: "text", options: generator.options)
    let generator = try generator.prepared(for: task)
    let prompt = task.prompt(text)
    let ids = try generator.prompt(prompt, options: task.options, truncation: .refuse)
    let encoding = try generator.tokenizer.encode(
      prompt, addingSpecialTokens: task.options.addsSpecialTokens)
    let input = TokenizedText([prompt], encoding, firstCount: 0, tokenizer: generator.tokenizer)
    let outputIDs =
      try output.map {
        try generator.tokenizer.encode($0, addingSpecialTokens: false).ids
          + (task.options.completed(by: generator.options).eosTokens?.prefix(1) ?? [])
      } ?? generator.perform(task, text).ids
    let recorder = AttentionRecorder(options)
    let (start, read) = try withObserver(recorder) {
      var (state, tokens) = try generator.model.begin(PackedTokens([ids]))
      let start = task.options.startToken.map { [$0] } ?? tokens.ids
      // Reading a token chooses the next one.
      let read = start + outputIDs.dropLast()
      _ = try generator.model.logits(of: PackedTokens([read]), state: &state, rows: .last)
      return (start, read)
    }
    return try recorder.explanation(
      input: input,
      output: TokenizedText(
        generated: read.dropFirst() + outputIDs.suffix(1), startCount: start.count - 1,
        tokenizer: generator.tokenizer),
      read: TokenizedText(
        generated: read, startCount: start.count, tokenizer: generator.tokenizer),
      kinds: [.encoder, .decoder], decoding: generator.tokenizer)
  }
}

extension AttentionExplainer {
  /// The task of an encoder–decoder that its configuration calls `name`.
  ///
  /// - Throws: `ModelError.unsupported` naming the task and the supported tasks.
  public func task(_ name: String) throws -> TextTask {
    guard case .generator(let generator) = model else {
      throw ModelError.unsupported(path: "encoder", what: "task \(printable(name))", supported: [])
    }
    return try generator.task(name)
  }
}
