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
    var weights = attention.weights
    if options.averagesHeads {
      weights = try weights.meanOverHeads().reshaped(to: [1, weights.shape[1], weights.shape[2]])
    }
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
    softmax(logits: logits).withUnsafeBufferPointer { probabilities in
      TopK.find(choiceCount, in: probabilities, kernels: Backend.current.kernels).map {
        NextTokenReadout.Choice(id: $0.index, probability: $0.value)
      }
    }
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
    explanation.contextualVectors = zip(texts, recording.stacks).map {
      ContextualVectors(text: $0, layers: $1.states)
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
