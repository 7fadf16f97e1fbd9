import Attention
import AttentionModels
import Foundation

/// The part of text generation that a case measures.
package enum GenerateKind: String, CaseIterable, Sendable {
  /// The logits of the token after a prompt.
  case prefill
  /// Token-by-token decoding after one prompt.
  case decode
  /// Token-by-token decoding after a batch of prompts.
  case batch
  /// Beam search, and greedy decoding of a batch of the same size.
  case beams
}

/// The sizes of a generation benchmark.
package struct GenerateSizes {
  /// Tokens per prompt.
  package let prompt: Int
  /// New tokens per prompt.
  package let tokens: Int
  /// Prompts in a batch.
  package let prompts: Int
  /// Number of beams.
  package let beams: Int

  package init(
    prompt: Int = 128, tokens: Int = 64, prompts: Int = 16, beams: Int = 4
  ) {
    self.prompt = prompt
    self.tokens = tokens
    self.prompts = prompts
    self.beams = beams
  }

  /// The cases of a kind.
  package func cases(of kind: GenerateKind) -> [GenerateCase.Work] {
    switch kind {
    case .prefill: [.prefill]
    case .decode: [.steps(prompts: 1)]
    case .batch: [.steps(prompts: prompts)]
    case .beams: [.greedy(prompts: beams), .beams(beams)]
    }
  }
}

/// A benchmark of prefill or decoding with a language model.
package struct GenerateCase {
  package enum Work {
    /// The logits of the token after a prompt.
    case prefill
    /// One given token per step for each prompt: no sampling.
    case steps(prompts: Int)
    /// Greedy decoding after each prompt.
    case greedy(prompts: Int)
    /// Beam search after one prompt.
    case beams(Int)
  }

  package let models: GenerateModels
  package let format: WeightFormat?
  package let inputs: LayerInputs
  package let work: Work
  package let sizes: GenerateSizes

  package init(
    models: GenerateModels, format: WeightFormat?, inputs: LayerInputs, work: Work,
    sizes: GenerateSizes
  ) {
    self.models = models
    self.format = format
    self.inputs = inputs
    self.work = work
    self.sizes = sizes
  }

  /// The bound for the difference between two computations, as a fraction of the largest logit. With dynamic
  /// activation quantization, a difference in the last bit can change how an activation is rounded, and
  /// such differences grow from layer to layer.
  private var bound: Double { inputs == .exact ? 5e-5 : 5e-2 }

  package var benchCase: BenchCase {
    BenchCase(name: name, length: sizes.prompt, series: BenchSeries(name)) {
      try withCompute(layerInputs: inputs) {
        try prepared(models.model(format)).with(inputs)
      }
    }
  }

  private func prepared(_ model: GenerateModels.Loaded) throws -> BenchCase.Prepared {
    try requireLength(of: model.model)
    switch work {
    case .prefill: return try prefill(model)
    case .steps(let prompts): return try steps(model, prompts: prompts)
    case .greedy(let prompts): return try greedy(model, prompts: prompts)
    case .beams(let count): return try beams(model, count: count)
    }
  }

  /// Throws a usage error if the text is longer than the context length of the model.
  private func requireLength(of model: any LanguageModel) throws {
    let (length, flags) =
      switch work {
      case .prefill: (sizes.prompt, "--prompt")
      case .steps: (sizes.prompt + sizes.tokens, "--prompt and --tokens")
      // One more token: the first one is timed with the prompt.
      case .greedy, .beams: (sizes.prompt + sizes.tokens + 1, "--prompt and --tokens")
      }
    guard let longest = model.maxLength, length > longest else { return }
    throw BenchError("\(flags): \(length) tokens exceed the model's context length of \(longest)")
  }

  private var name: String {
    let weights = (format.map { "\($0) " } ?? "") + (inputs == .exact ? "" : "\(inputs) ")
    switch work {
    case .prefill: return weights + "prefill \(sizes.prompt)"
    case .steps(1): return weights + "decode \(sizes.tokens)"
    case .steps(let prompts): return weights + "decode \(prompts)x\(sizes.tokens)"
    case .greedy(let prompts): return weights + "greedy \(prompts)x\(sizes.tokens)"
    case .beams(let count): return weights + "beams \(count)x\(sizes.tokens)"
    }
  }

  /// Ids spread over the vocabulary, different for each prompt.
  private func ids(prompts: Int, count: Int, _ model: GenerateModels.Loaded) -> [[Int]] {
    (0..<prompts).map { prompt in
      (0..<count).map { (17 + 7_919 * (1_000 * prompt + $0)) % model.model.vocabularySize }
    }
  }

  // MARK: - Logits

  private func prefill(_ loaded: GenerateModels.Loaded) throws -> BenchCase.Prepared {
    let model = loaded.model
    let ids = ids(prompts: 1, count: sizes.prompt, loaded)
    func run() throws -> Tensor {
      var (state, tokens) = try model.begin(PackedTokens(ids))
      return try model.logits(of: tokens, state: &state, rows: .last)
    }
    let expected = Expected(model, ids[0])
    return BenchCase.Prepared(
      work: BenchWork(
        operations: loaded.weights.operations(tokens: sizes.prompt, rows: 1), tokens: sizes.prompt),
      run: { _ = try run() },
      check: {
        try BenchCheck(run(), expected: expected.logits(), relativeBound: bound)
      },
      arrays: { try arrays(ids: ids, logits: run()) })
  }

  private func steps(
    _ loaded: GenerateModels.Loaded, prompts: Int
  ) throws -> BenchCase.Prepared {
    let model = loaded.model
    let ids = ids(prompts: prompts, count: sizes.prompt + sizes.tokens, loaded)
    var (begun, first) = try model.begin(PackedTokens(ids.map { Array($0[..<sizes.prompt]) }))
    _ = try model.logits(of: first, state: &begun, rows: .last)
    let (start, lengths) = (begun, begun.lengths)
    var state = begun
    func run() throws -> Tensor {
      // A cache that keeps only a sliding window cannot be rewound.
      do { try state.rewind(to: lengths) } catch is AttentionError { state = start }
      var logits = try Tensor(shape: [0, 0], scalars: [])
      for step in 0..<sizes.tokens {
        let next = PackedTokens(ids.map { [$0[sizes.prompt + step]] })
        logits = try model.logits(of: next, state: &state, rows: .last)
      }
      return logits
    }
    let expected = Expected(model, ids[0])
    return BenchCase.Prepared(
      work: BenchWork(
        bytesRead: Double(sizes.tokens) * bytesRead(loaded, behind: start),
        tokens: prompts * sizes.tokens),
      run: { _ = try run() },
      check: {
        try BenchCheck(
          run().rows(0..<1), expected: expected.logits(), relativeBound: bound)
      },
      arrays: { try arrays(ids: ids, logits: run()) })
  }

  /// The bytes that an average step reads: the weights, and the cached keys and values.
  private func bytesRead(_ loaded: GenerateModels.Loaded, behind prompt: DecodingState) -> Double {
    let perToken = Double(prompt.byteCount) / Double(sizes.prompt)
    return Double(loaded.weights.byteCount)
      + perToken * (Double(sizes.prompt) + Double(sizes.tokens + 1) / 2)
  }

  /// The last logits of a whole text, computed in one pass by another backend. Cached, because they do not
  /// depend on the number of threads.
  private final class Expected {
    private let model: any LanguageModel
    private let ids: [Int]
    private var found: [String: Tensor] = [:]

    init(_ model: any LanguageModel, _ ids: [Int]) {
      self.model = model
      self.ids = ids
    }

    func logits() throws -> Tensor {
      let backend = Backend.current.name
      if let found = found[backend] { return found }
      let logits = try withOtherBackend {
        var (state, tokens) = try model.begin(PackedTokens([ids]))
        return try model.logits(of: tokens, state: &state, rows: .last)
      }
      found[backend] = logits
      return logits
    }
  }

  // MARK: - Texts

  private func greedy(
    _ loaded: GenerateModels.Loaded, prompts: Int
  ) throws -> BenchCase.Prepared {
    try texts(loaded, prompts: prompts, options: GenerationOptions()) { text, logProbabilities in
      // The largest difference between the maximum log-probability and a chosen token's.
      var worst = 0.0
      for (token, row) in zip(text.ids, logProbabilities) {
        let difference = Double((row.max() ?? 0) - row[token])
        if !(difference <= worst) { worst = difference }
      }
      return worst
    }
  }

  private func beams(_ loaded: GenerateModels.Loaded, count: Int) throws -> BenchCase.Prepared {
    var options = GenerationOptions()
    options.beamCount = count
    return try texts(loaded, prompts: 1, options: options) { text, logProbabilities in
      guard let score = text.score else { return .infinity }
      let sum = zip(text.ids, logProbabilities).reduce(0) { $0 + Double($1.1[$1.0]) }
      return abs(Double(score) - sum / Double(text.ids.count))
    }
  }

  /// Times all tokens except the first, which belongs to the prefill.
  ///
  /// - Parameter error: the error of the first prompt's text, given the log-probabilities of the whole
  ///   vocabulary at each position of the text.
  private func texts(
    _ loaded: GenerateModels.Loaded, prompts: Int, options: GenerationOptions,
    error: @escaping (Text, [[Float]]) -> Double
  ) throws -> BenchCase.Prepared {
    let model = loaded.model
    let ids = ids(prompts: prompts, count: sizes.prompt, loaded)
    var options = options
    options.maxNewTokens = sizes.tokens + 1
    var begun = DecodingLoop(model)
    try begun.admit(ids, DecodingPlan(options, model: model))
    let firstEvents = try begun.step()
    let start = begun
    func run() throws -> Text {
      var loop = start
      var text = Text()
      try text.append(firstEvents)
      while !loop.isEmpty { try text.append(loop.step()) }
      return text
    }
    return BenchCase.Prepared(
      work: BenchWork(
        bytesRead: Double(sizes.tokens * loaded.weights.byteCount),
        tokens: prompts * sizes.tokens),
      run: { _ = try run() },
      check: {
        let text = try run()
        guard text.ids.count == sizes.tokens + 1 else {
          return BenchCheck(error: .infinity, bound: 0)
        }
        let rows = try logProbabilities(model, behind: ids[0], text.ids)
        return BenchCheck(error: error(text, rows), bound: bound * Self.largestLogit)
      },
      arrays: { [] })
  }

  /// The first result of the first prompt.
  private struct Text {
    var ids: [Int] = []
    /// The score of a beam search.
    var score: Float?

    mutating func append(_ events: [DecodingLoop.Event]) throws {
      for event in events {
        switch event {
        case .failure(_, let error): throw error
        case .update(prompt: 0, let update) where update.result == 0:
          ids += update.tokens.map(\.id)
          score = update.score
        case .update: break
        }
      }
    }
  }

  /// The scale of logits for error bounds.
  private static let largestLogit = 10.0

  /// log softmax(logits) at the position of each token of a text, in one pass by another backend.
  private func logProbabilities(
    _ model: any LanguageModel, behind prompt: [Int], _ text: [Int]
  ) throws -> [[Float]] {
    let logits = try withOtherBackend {
      var (state, tokens) = try model.begin(PackedTokens([prompt + text.dropLast()]))
      return try model.logits(of: tokens, state: &state, rows: .all)
    }
    return try (prompt.count - 1..<logits.shape[0]).map { row in
      let scores = try logits.rows(row..<row + 1).scalars
      let largest = scores.max() ?? 0
      let sum = scores.reduce(0.0) { $0 + exp(Double($1 - largest)) }
      return scores.map { $0 - largest - Float(log(sum)) }
    }
  }

  private func arrays(
    ids: [[Int]], logits: Tensor
  ) throws -> [(name: String, array: NPYArray)] {
    let shape: Shape = [ids.count, ids[0].count]
    return [
      ("ids", try NPYArray(shape: shape, elements: .int64(ids.joined().map { Int64($0) }))),
      ("output", try NPYArray(shape: logits.shape, elements: .float32(logits.scalars))),
    ]
  }
}

extension BenchCase.Prepared {
  /// The same case with this activation precision.
  fileprivate func with(_ inputs: LayerInputs) -> Self {
    var prepared = self
    prepared.run = { try withCompute(layerInputs: inputs) { try run() } }
    prepared.check = { try withCompute(layerInputs: inputs) { try check() } }
    prepared.arrays = { try withCompute(layerInputs: inputs) { try arrays() } }
    return prepared
  }
}
