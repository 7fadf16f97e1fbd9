import Attention
import TestSupport
import Testing

@testable import AttentionModels

@Suite struct DecodingLoopTests {
  /// A prompt with its own options.
  private struct Call {
    var prompt: [Int]
    var options: GenerationOptions
  }

  /// The results of the prompts of one loop.
  private struct Results {
    var texts: [Int: [GeneratedTokens]] = [:]
    var errors: [Int: String] = [:]

    mutating func append(_ events: [DecodingLoop.Event]) {
      for event in events {
        switch event {
        case .failure(let prompt, let error): errors[prompt] = "\(error)"
        case .update(let prompt, let update):
          var results = texts[prompt] ?? []
          if update.result == results.count {
            results.append(GeneratedTokens(tokens: [], finishReason: .length))
          }
          results[update.result].tokens += update.tokens
          results[update.result].finishReason = update.finishReason ?? .length
          results[update.result].score = update.score
          texts[prompt] = results
        }
      }
    }
  }

  private func options(_ change: (inout GenerationOptions) -> Void) -> GenerationOptions {
    var options = GenerationOptions()
    options.maxNewTokens = 12
    options.seed = 9
    change(&options)
    return options
  }

  /// Greedy, sampled and beam search.
  private var kinds: [GenerationOptions] {
    [
      options { _ in },
      options {
        $0.isSampling = true
        $0.resultCount = 3
      },
      options {
        $0.beamCount = 3
        $0.resultCount = 2
      },
      options {
        $0.repetitionPenalty = 2
        $0.noRepeatNGramSize = 2
        $0.logProbabilities = 2
      },
    ]
  }

  /// Decodes calls that join one by one, with `interval` steps between them.
  private func staggered(
    _ model: any LanguageModel, _ calls: [Call], interval: Int
  ) throws -> [[GeneratedTokens]] {
    var loop = DecodingLoop(model)
    var results = Results()
    for (index, call) in calls.enumerated() {
      let numbers = try loop.admit([call.prompt], DecodingPlan(call.options, model: model))
      #expect(numbers == index..<index + 1)
      for _ in 0..<interval { results.append(try loop.step()) }
    }
    while !loop.isEmpty { results.append(try loop.step()) }
    #expect(loop.sequenceCount == 0)
    #expect(results.errors.isEmpty)
    return calls.indices.map { results.texts[$0] ?? [] }
  }

  @Test(arguments: [0, 1, 3, 20])
  func `prompts that join later have the same texts as alone`(interval: Int) throws {
    for startToken in [nil, 2] as [Int?] {
      var model = TableModel(seed: 31, vocabularySize: 40, stops: [1], stopBias: 2)
      model.startToken = startToken
      let calls = (0..<16).map { index in
        var options = kinds[index % kinds.count]
        options.eosTokens = [1]
        return Call(prompt: (0...index % 5).map { (index * 7 + $0 * 3) % 40 }, options: options)
      }
      let together = try staggered(model, calls, interval: interval)
      for (call, texts) in zip(calls, together) {
        #expect(texts == (try model.generate([call.prompt], options: call.options)[0]))
      }
      #expect(Set(together.map { $0.map(\.ids) }).count > (startToken == nil ? 8 : 3))
    }
  }

  /// Rotary and learned positions, sliding windows, and an encoder's output.
  @Test func `each family's prompts that join later have the same tokens as alone`() throws {
    for test in try GenerationFixtures.checkpoints() {
      let model = try LanguageModels.load(ModelDirectory(path: Fixtures.path(test.folder)))
      var sampling = test.options
      sampling.beamCount = 1
      sampling.isSampling = true
      sampling.resultCount = 2
      sampling.seed = 4
      let calls = test.prompts.flatMap { prompt in
        [Call(prompt: prompt, options: test.options), Call(prompt: prompt, options: sampling)]
      }
      let together = try staggered(model, calls, interval: 2)
      for (call, texts) in zip(calls, together) {
        let alone = try model.generate([call.prompt], options: call.options)[0]
        #expect(texts.map(\.ids) == alone.map(\.ids), "\(test.folder)")
      }
    }
  }

  @Test func `no more tokens are computed for a removed prompt, and the others continue`() throws {
    let model = TableModel(seed: 31, vocabularySize: 40)
    var loop = DecodingLoop(model)
    var results = Results()
    let prompts = [[3], [4, 5], [6, 7, 8]]
    for (prompt, options) in zip(prompts, kinds) {
      try loop.admit([prompt], DecodingPlan(options, model: model))
    }
    #expect(loop.sequenceCount == 1 + 3 + 3)
    // Before its first step, and in the middle.
    try loop.admit([[9, 9, 9]], DecodingPlan(kinds[0], model: model))
    try loop.remove(prompt: 3)
    for _ in 0..<4 { results.append(try loop.step()) }
    try loop.remove(prompt: 1)
    try loop.remove(prompt: 7)
    #expect(loop.sequenceCount == 1 + 3)
    let before = model.calls.tokens
    results.append(try loop.step())
    #expect(model.calls.tokens == before + 1 + 3)
    while !loop.isEmpty { results.append(try loop.step()) }
    #expect(results.texts[3] == nil)
    #expect(results.texts[1]?.map(\.ids.count) == [4, 4, 4])
    for index in [0, 2] {
      let alone = try model.generate([prompts[index]], options: kinds[index])[0]
      #expect(results.texts[index] == alone)
    }
  }

  @Test func `a prompt that fails leaves the loop, and the others continue`() throws {
    let model = TableModel(seed: 31, vocabularySize: 40)
    var loop = DecodingLoop(model)
    var results = Results()
    try loop.admit([[3], [4]], DecodingPlan(kinds[0], model: model))
    let impossible = options { $0.suppressedTokens = Array(0..<40) }
    try loop.admit([[5]], DecodingPlan(impossible, model: model))
    while !loop.isEmpty { results.append(try loop.step()) }
    #expect(results.errors.keys.sorted() == [2])
    #expect(results.errors[2]?.hasPrefix("logits: ") == true)
    for (index, prompt) in [[3], [4]].enumerated() {
      #expect(results.texts[index] == (try model.generate([prompt], options: kinds[0])[0]))
    }
  }

  @Test func `a refused admission or a cancelled step leaves the loop as it was`() async throws {
    var model = TableModel(seed: 31, vocabularySize: 40)
    model.maxLength = 20
    var loop = DecodingLoop(model)
    var results = Results()
    let plan = try DecodingPlan(kinds[0], model: model)
    try loop.admit([[3]], plan)
    results.append(try loop.step())
    for (prompts, index) in [([[4], []], 1), ([Array(repeating: 4, count: 20)], 0)] {
      let error = #expect(throws: ModelError.self) { try loop.admit(prompts, plan) }
      guard case .text("prompt", let place, _) = error else {
        Issue.record("\(String(describing: error))")
        continue
      }
      #expect(place == index)
    }
    let cancelled = loop
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      var loop = cancelled
      #expect(throws: CancellationError.self) { try loop.step() }
      return loop
    }
    loop = await task.value
    #expect(try loop.admit([[5]], plan) == 1..<2)
    while !loop.isEmpty { results.append(try loop.step()) }
    for (index, prompt) in [[3], [5]].enumerated() {
      #expect(results.texts[index] == (try model.generate([prompt], options: kinds[0])[0]))
    }
  }

  @Test func `a copy of a loop continues from where it was copied`() throws {
    let model = try LanguageModels.load(ModelDirectory(path: Fixtures.path("LanguageModels/gpt2")))
    var loop = DecodingLoop(model)
    try loop.admit([[1, 2, 3], [4]], DecodingPlan(kinds[2], model: model))
    for _ in 0..<3 { _ = try loop.step() }
    func rest() throws -> [Int: [GeneratedTokens]] {
      var (loop, results) = (loop, Results())
      while !loop.isEmpty { results.append(try loop.step()) }
      return results.texts
    }
    let first = try rest()
    #expect(first.count == 2)
    #expect(try rest() == first)
  }
}
