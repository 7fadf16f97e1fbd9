import Attention

/// Generates texts for several prompts together, one token of each text per step.
///
/// Prompts can be admitted while others are being decoded (continuous batching), and removed before
/// their texts end. The tokens of a prompt do not depend on the other prompts in the loop.
///
/// ```swift
/// var loop = DecodingLoop(model)
/// try loop.admit([prompt], plan)
/// while !loop.isEmpty {
///   for event in try loop.step() { … }
/// }
/// ```
///
/// A copy of the loop continues independently from the state that was copied.
package struct DecodingLoop {
  /// The result of a step for one prompt.
  package enum Event {
    /// A result of the prompt has new tokens. The prompt leaves the loop when all its results have a
    /// finish reason.
    case update(prompt: Int, ResultUpdate)
    /// The prompt has left the loop because of an error; the other prompts continue.
    case failure(prompt: Int, any Error)
  }

  /// A prompt whose texts have not all ended.
  private struct Request {
    let prompt: Int
    var strategy: any DecodingStrategy
    /// The tokens that the next step appends to each sequence of the prompt.
    var nextTokens: [[Int]]
    let admitted: ContinuousClock.Instant
    var firstStep: ContinuousClock.Instant?

    func timings(at now: ContinuousClock.Instant) -> GenerationTimings {
      var timings = GenerationTimings()
      let firstStep = firstStep ?? now
      timings.prefill = admitted.duration(to: firstStep) / .seconds(1)
      timings.decode = firstStep.duration(to: now) / .seconds(1)
      return timings
    }
  }

  private let model: any LanguageModel
  private var requests: [Request] = []
  /// The sequences of all requests, in order.
  private var state = DecodingState(sequenceCount: 0)
  private var admittedCount = 0
  private var scratch = SamplingScratch()

  /// An empty loop.
  package init(_ model: any LanguageModel) { self.model = model }

  /// Whether all texts have ended.
  package var isEmpty: Bool { requests.isEmpty }

  /// The largest number of sequences after the next step: texts that have not ended, and beams.
  package var sequenceCount: Int { requests.reduce(0) { $0 + $1.strategy.sequenceCount } }

  /// Adds prompts. The next step generates their first tokens.
  ///
  /// A decoder reads the prompts in that step; an encoder–decoder encodes them now.
  ///
  /// - Parameters:
  ///   - prompts: the tokens of each prompt, at least one per prompt.
  ///   - plan: how tokens are chosen, and when texts end; made for the same model.
  /// - Returns: the numbers of the prompts in events. Prompts are numbered from 0 in the order of their
  ///   admission.
  /// - Throws: `ModelError.text` with the index of a prompt that is empty or leaves no room for a new
  ///   token; the errors of the model. The loop is then unchanged.
  @discardableResult
  package mutating func admit(_ prompts: [[Int]], _ plan: DecodingPlan) throws -> Range<Int> {
    var (begun, start) = try model.begin(PackedTokens(prompts))
    if model.isEncoderDecoder, let token = plan.options.startToken {
      start = PackedTokens(prompts.map { _ in [token] })
    }
    guard start.lengths.count == prompts.count, begun.sequenceCount == prompts.count else {
      throw AttentionError.argument(
        "prompts",
        reason: "the model begins \(start.lengths.count) sequences for \(prompts.count) prompts")
    }
    let now = ContinuousClock.now
    let numbers = admittedCount..<admittedCount + prompts.count
    var admitted: [Request] = []
    var end = 0
    for (index, prompt) in prompts.enumerated() {
      let ids = Array(start.ids[end..<end + start.lengths[index]])
      end += ids.count
      let history = try plan.history(start: ids, prompt: prompt, model: model, index: index)
      admitted.append(
        Request(
          prompt: numbers.lowerBound + index, strategy: plan.strategy(history), nextTokens: [ids],
          admitted: now))
    }
    try state.append(begun)
    requests += admitted
    admittedCount = numbers.upperBound
    return numbers
  }

  /// Removes a prompt whose texts have not all ended: no more tokens are computed for it.
  ///
  /// - Parameter prompt: its number; a prompt that is not in the loop is ignored.
  /// - Throws: `AttentionError.memory`. The loop is then unchanged.
  package mutating func remove(prompt: Int) throws {
    var kept: [Int] = []
    var end = 0
    for request in requests {
      let sequences = end..<end + request.nextTokens.count
      end = sequences.upperBound
      if request.prompt != prompt { kept += sequences }
    }
    try select(kept)
    requests.removeAll { $0.prompt == prompt }
  }

  /// Computes the next token of each text, or of each beam.
  ///
  /// - Returns: an event for each text that has a new token, for each result of a beam search that ends,
  ///   and for each prompt that fails because its logits are not finite or rule out every token.
  /// - Throws: `CancellationError` in a task that has been cancelled, and the errors of the model: the loop
  ///   is then unchanged. `AttentionError.memory`: the loop may then be empty.
  package mutating func step() throws -> [Event] {
    guard !isEmpty else { return [] }
    if Task.isCancelled { throw CancellationError() }
    let logits = try nextLogits()
    let now = ContinuousClock.now
    var events: [Event] = []
    var ended = Set<Int>()
    var sources: [Int] = []
    var first = 0
    logits.withUnsafeScalars { all in
      // In the usual case, one pass checks the logits of all prompts.
      let isFinite = Backend.current.kernels.isFinite(all)
      // Modified in place: a copy of a request would copy the tokens of its texts.
      for index in requests.indices {
        let prompt = requests[index].prompt
        let rows = NextLogits(
          all, vocabularySize: model.vocabularySize,
          rows: first..<first + requests[index].nextTokens.count)
        requests[index].firstStep = requests[index].firstStep ?? now
        do {
          if !isFinite { try rows.requireFinite(prompt: prompt) }
          let step = try requests[index].strategy.step(rows, &scratch)
          for var update in step.updates {
            update.timings = requests[index].timings(at: now)
            events.append(.update(prompt: prompt, update))
          }
          sources += step.continued.map { first + $0.sequence }
          requests[index].nextTokens = step.continued.map { [$0.token] }
          if step.continued.isEmpty { ended.insert(prompt) }
        } catch {
          events.append(.failure(prompt: prompt, error))
          ended.insert(prompt)
        }
        first = rows.rows.upperBound
      }
    }
    requests.removeAll { ended.contains($0.prompt) }
    do {
      try select(sources)
    } catch {
      (requests, state) = ([], DecodingState(sequenceCount: 0))
      throw error
    }
    return events
  }

  /// The logits of the token that follows each sequence, `[sequence, vocabulary]`.
  private mutating func nextLogits() throws -> Tensor {
    let tokens = PackedTokens(requests.flatMap(\.nextTokens))
    let logits = try model.logits(of: tokens, state: &state, rows: .last)
    guard logits.shape == [tokens.lengths.count, model.vocabularySize] else {
      throw AttentionError.shape(
        argument: "logits", expected: "[\(tokens.lengths.count), \(model.vocabularySize)]",
        got: logits.shape)
    }
    return logits
  }

  private mutating func select(_ sequences: [Int]) throws {
    if sequences.isEmpty {
      state = DecodingState(sequenceCount: 0)
    } else {
      try state.select(sequences)
    }
  }
}
