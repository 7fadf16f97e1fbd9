import Attention

extension LanguageModel {
  /// What the model adds to each prompt, as tokens.
  ///
  /// - Parameters:
  ///   - prompts: the tokens of each prompt, at least one.
  ///   - options: how tokens are chosen, and when texts end; stop strings need a ``TextGenerator``.
  /// - Returns: for each prompt as many continuations as ``GenerationOptions/resultCount`` says; of a
  ///   beam search fewer where the vocabulary has too few tokens for as many.
  /// - Throws: `AttentionError.argument` for options that make no sense, and naming "logits" where they
  ///   are not finite or leave no token; ``ModelError/text(_:index:reason:)`` for a prompt that is empty or
  ///   "longer than" there is room for; `CancellationError` in a task that has been cancelled;
  ///   `AttentionError.memory`.
  public func generate(
    _ prompts: [[Int]], options: GenerationOptions
  ) throws -> [[GeneratedTokens]] {
    try options.check(vocabularySize: vocabularySize)
    guard options.stopStrings.isEmpty else {
      throw AttentionError.argument(
        "stopStrings", reason: "need a tokenizer: use a TextGenerator")
    }
    return try Generation(self, options: options, format: nil).run(prompts).map { $0.map(\.tokens) }
  }
}

/// Continues any number of prompts, some at a time.
struct Generation {
  /// A finished text.
  struct Output {
    var tokens: GeneratedTokens
    var text = ""
    var startCount = 0
    var timings = GenerationTimings()
  }

  /// As many sequences as are continued together: beyond, weights are read for enough of them, and
  /// keys and values take memory.
  private static let sequencesPerBatch = 64

  private let model: any LanguageModel
  private let options: GenerationOptions
  private let format: TextFormat?

  init(_ model: any LanguageModel, options: GenerationOptions, format: TextFormat?) {
    self.model = model
    self.options = options
    self.format = format
  }

  /// The continuations of each prompt, in order.
  func run(_ prompts: [[Int]]) throws -> [[Output]] {
    try options.check(vocabularySize: model.vocabularySize)
    var outputs: [[Output]] = []
    let size = max(1, Self.sequencesPerBatch / max(options.beamCount, options.resultCount))
    for start in stride(from: 0, to: prompts.count, by: size) {
      let part = Array(prompts[start..<min(start + size, prompts.count)])
      do {
        outputs += try options.beamCount > 1 ? search(part) : write(part)
      } catch let error as ModelError {
        throw error.shiftingIndex(by: start)
      }
    }
    return outputs
  }

  private func write(_ prompts: [[Int]]) throws -> [[Output]] {
    var clock = GenerationClock()
    var run = try DecodingLoop(model, prompts: prompts, options: options, format: format)
    let starts = run.startCounts
    var outputs = starts.map {
      Array(
        repeating: Output(
          tokens: GeneratedTokens(tokens: [], finishReason: .length), startCount: $0),
        count: options.resultCount)
    }
    while !run.isDone {
      for event in try run.step() {
        let (prompt, number) = (event.place.prompt, event.place.number)
        outputs[prompt][number].tokens.tokens.append(event.token)
        outputs[prompt][number].text += event.text
        if let reason = event.finishReason {
          outputs[prompt][number].tokens.finishReason = reason
        }
      }
      clock.tick()
    }
    return outputs.map { $0.map { clock.timed($0) } }
  }

  private func search(_ prompts: [[Int]]) throws -> [[Output]] {
    var clock = GenerationClock()
    var run = try BeamSearch(model, prompts: prompts, options: options, format: format)
    let starts = run.starts
    var outputs: [[Output]] = Array(repeating: [], count: prompts.count)
    while !run.isDone {
      for (prompt, texts) in try run.step() {
        outputs[prompt] = texts.map {
          Output(
            tokens: $0, text: text(of: $0, after: starts[prompt]), startCount: starts[prompt].count)
        }
      }
      clock.tick()
    }
    return outputs.map { $0.map { clock.timed($0) } }
  }

  private func text(of tokens: GeneratedTokens, after start: [Int]) -> String {
    guard let format else { return "" }
    var decoder = StreamingTextDecoder(format, after: start, stopStrings: options.stopStrings)
    return tokens.ids.reduce(into: "") { $0 += decoder.append($1) } + decoder.finish()
  }
}

/// Takes the time of a generation's parts.
struct GenerationClock {
  private let start = ContinuousClock.now
  private var firstToken: ContinuousClock.Instant?
  private var last: ContinuousClock.Instant?

  /// Notes that a step has been done.
  mutating func tick() {
    let now = ContinuousClock.now
    if firstToken == nil { firstToken = now }
    last = now
  }

  /// What has been measured so far.
  var timings: GenerationTimings {
    var timings = GenerationTimings()
    guard let firstToken, let last else { return timings }
    timings.prefill = start.duration(to: firstToken) / .seconds(1)
    timings.decode = firstToken.duration(to: last) / .seconds(1)
    return timings
  }

  /// The output with these times.
  func timed(_ output: Generation.Output) -> Generation.Output {
    var output = output
    output.timings = timings
    return output
  }
}
