import Attention
import Synchronization

/// Records what the transformers of a model compute for one text.
final class AttentionRecorder: TransformerObserver {
  private let options: ExplanationOptions
  private let state = Mutex(Recording())

  /// The number of choices of a readout.
  private static let choiceCount = 5

  private struct Recording {
    /// The layers of each transformer: of an encoder–decoder, the encoder's and the decoder's.
    var stacks: [Stack] = []
    var choices: [[[NextTokenReadout.Choice]]] = []
  }

  private struct Stack {
    var own = Layers()
    var cross = Layers()
    var states: [Tensor] = []
  }

  private struct Layers {
    var weights: [Tensor] = []
    var steps: [AttentionSteps] = []
    var isCausal = false
  }

  init(_ options: ExplanationOptions) { self.options = options }

  func begin(_ hidden: Tensor) throws {
    try Cancellation.check()
    state.withLock { state in
      state.stacks.append(Stack())
      if options.includesSteps { state.stacks[state.stacks.count - 1].states.append(hidden) }
    }
  }

  func attended(_ attention: ObservedAttention) throws {
    try Cancellation.check()
    let weights = options.averagesHeads ? try attention.weights.meanOverHeads() : attention.weights
    try state.withLock { state in
      guard let last = state.stacks.indices.last else { return }
      let path: WritableKeyPath<Stack, Layers> = attention.isCross ? \.cross : \.own
      let index = state.stacks[last][keyPath: path].weights.count
      guard weights.isFinite else {
        throw ModelError.text(
          "text", reason: "the attention weights of layer \(index) are not finite")
      }
      state.stacks[last][keyPath: path].weights.append(weights)
      state.stacks[last][keyPath: path].isCausal = attention.isCausal
      if options.includesSteps {
        state.stacks[last][keyPath: path].steps.append(
          AttentionSteps(
            queries: attention.queries, keys: attention.keys, values: attention.values,
            scale: attention.scale, softcap: attention.softcap, logSumExp: attention.logSumExp))
      }
    }
  }

  func finishedBlock(_ hidden: Tensor) throws {
    guard options.includesSteps else { return }
    state.withLock { state in
      guard let last = state.stacks.indices.last else { return }
      state.stacks[last].states.append(hidden)
    }
  }

  func finishedDecoder(logits: (Tensor) throws -> Tensor) throws {
    guard options.includesSteps else { return }
    let layers = state.withLock { $0.stacks.last?.states.dropFirst() ?? [] }
    let choices = try layers.map { hidden in
      try Cancellation.check()
      let logits = try logits(hidden)
      return (0..<logits.shape[0]).map { Self.choices(logits.row($0)) }
    }
    state.withLock { $0.choices = choices }
  }

  private static func choices(_ logits: [Float]) -> [NextTokenReadout.Choice] {
    let probabilities = softmax(logits: logits)
    var best: [Int] = []
    for (id, probability) in probabilities.enumerated() {
      if best.count == choiceCount, probability <= probabilities[best[choiceCount - 1]] { continue }
      best.insert(id, at: best.firstIndex { probability > probabilities[$0] } ?? best.count)
      if best.count > choiceCount { best.removeLast() }
    }
    return best.map { NextTokenReadout.Choice(id: $0, probability: probabilities[$0]) }
  }

  /// The recorded layers as an explanation.
  ///
  /// - Parameters:
  ///   - output: the tokens that a decoder chose.
  ///   - read: the tokens that the decoder read: one for each token of `output`.
  ///   - kinds: the self-attention of each transformer in order.
  ///   - tokenizer: the tokenizer of a decoder's readout.
  func explanation(
    input: TokenizedText, output: TokenizedText? = nil, read: TokenizedText? = nil,
    kinds: [AttentionMap.Kind], decoding tokenizer: Tokenizer? = nil
  ) throws -> AttentionExplanation {
    let recording = state.withLock { $0 }
    guard recording.stacks.count == kinds.count else {
      throw ModelError.text(
        "text", reason: "the model computed \(recording.stacks.count) passes, not \(kinds.count)")
    }
    var maps: [AttentionMap] = []
    func add(
      _ layers: Layers, _ kind: AttentionMap.Kind, _ queries: TokenizedText, _ keys: TokenizedText
    ) {
      var map = AttentionMap(kind: kind, queries: queries, keys: keys, layers: layers.weights)
      map.steps = layers.steps
      map.isCausal = layers.isCausal
      maps.append(map)
    }
    let texts = [input, read ?? input]
    for stack in recording.stacks where !stack.cross.weights.isEmpty {
      add(stack.cross, .cross, output ?? input, input)
    }
    for (index, stack) in recording.stacks.enumerated() {
      add(stack.own, kinds[index], texts[index], texts[index])
    }
    var explanation = AttentionExplanation(input: input, output: output, maps: maps)
    guard options.includesSteps else { return explanation }
    explanation.states = zip(texts, recording.stacks).map {
      TokenStates(text: $0, layers: $1.states)
    }
    if let tokenizer, !recording.choices.isEmpty {
      let ids = Set(recording.choices.joined().joined().map(\.id))
      explanation.readout = NextTokenReadout(
        layers: recording.choices,
        texts: Dictionary(
          uniqueKeysWithValues: ids.map {
            ($0, tokenizer.decode([$0], skippingSpecialTokens: false))
          }))
    }
    return explanation
  }
}

extension Tensor {
  /// The mean over the heads of `[head, query, key]`: `[1, query, key]`.
  fileprivate func meanOverHeads() throws -> Tensor {
    let (H, count) = (shape[0], shape[1] * shape[2])
    return try withSpan { weights in
      try Tensor(
        shape: [1, shape[1], shape[2]],
        scalars: (0..<count).map { index in
          (0..<H).reduce(Float(0)) { $0 + weights[$1 * count + index] } / Float(max(H, 1))
        })
    }
  }
}
