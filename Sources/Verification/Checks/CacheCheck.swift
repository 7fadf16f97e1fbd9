import Attention

/// Attention to a cache whose tokens were appended in random pieces, with copies, rewinds and selections in
/// between, against the reference on the whole sequences.
package struct CacheCheck: VerificationCheck {
  package let name = "cache"
  package let summary = "attention to caches = attention to the whole"
  package let caseCount = 200

  package init() {}

  package func prepare(_ generator: inout CaseGenerator) throws -> PreparedCase {
    var combination = generator.combination
    let policyName = combination.pick(["growing", "fixed", "rotating"])
    let mask = combination.pick([AttentionMask.causal, .none, .window(left: 20, right: 0)])
    let isBiased = combination.pick([false, true])
    let groups = generator.size(1...3)
    let heads = groups * generator.pick([1, 2, 4])
    let (dk, dv) = (generator.pick([8, 17, 64]), generator.pick([8, 17, 64]))
    let sequences = generator.size(1...3)
    let policy: KeyValueCache.Policy =
      switch policyName {
      case "fixed": .fixed(capacity: 2_000)
      case "rotating": .rotating(window: generator.size(1...60))
      default: .growing
      }
    let script = try CacheScript(
      &generator, policy: policy, groups: groups, dk: dk, dv: dv, sequences: sequences)
    let queryCount = script.queryLengths.reduce(0, +)
    let queries = try generator.normal([queryCount, heads, dk])

    var options = AttentionOptions(mask: mask, lengths: script.queryLengths)
    if isBiased { options.modifiers = [try LinearBias(headCount: heads)] }
    let cacheOptions = options
    if case .rotating(let window) = policy {
      options.mask = mask.intersection(.window(left: window - 1, right: nil))
    }
    options.keyLengths = script.keyLengths
    let whole = OperatorArguments(
      queries: queries, keys: script.keys, values: script.values, options: options,
      description: """
        \(policyName) cache, \(script.steps.count) steps, lengths \(script.keyLengths), \
        \(script.queryLengths) queries, heads \(heads)/\(groups), dk \(dk), dv \(dv)\
        \(isBiased ? ", ALiBi" : "")
        """)
    let exact = try OperatorResults(whole)
    return PreparedCase(whole.description) { subject in
      var meter = ErrorMeter()
      try withCompute(backend: subject.backend, threads: 2) {
        let cache = try script.cache()
        exact.compare(
          try attention(
            queries: queries, cache: cache, options: cacheOptions, returning: .logSumExp), &meter)
      }
      return meter
    }
  }
}

/// Random changes to a cache, and the keys and values that must be in it in the end.
private struct CacheScript: Sendable {
  enum Step: Sendable {
    case append(keys: Tensor, values: Tensor, lengths: [Int])
    /// Appends to a copy, which must not change the cache.
    case fork(keys: Tensor, values: Tensor, lengths: [Int])
    case rewind(sequence: Int, length: Int)
    case select([Int])
  }

  let steps: [Step]
  private let empty: KeyValueCache
  /// The tokens of the last step, whose queries attend.
  let queryLengths: [Int]
  let keyLengths: [Int]
  let keys: Tensor
  let values: Tensor

  init(
    _ generator: inout CaseGenerator, policy: KeyValueCache.Policy, groups: Int, dk: Int, dv: Int,
    sequences: Int
  ) throws {
    empty = try KeyValueCache(
      sequenceCount: sequences, keyValueHeadCount: groups, keyDimension: dk, valueDimension: dv,
      policy: policy)
    // The scalars of the keys and values of each sequence.
    var model = Array(repeating: (keys: [Float](), values: [Float]()), count: sequences)
    var (steps, queryLengths) = ([Step](), [Int]())
    func tokens(_ lengths: [Int]) throws -> (keys: Tensor, values: Tensor) {
      let count = lengths.reduce(0, +)
      return (
        try generator.normal([count, groups, dk]), try generator.normal([count, groups, dv])
      )
    }
    func append(atMost most: Int) throws {
      let lengths = model.map { _ in generator.index(below: most + 1) }
      let (keys, values) = try tokens(lengths)
      var first = 0
      for (index, length) in lengths.enumerated() {
        model[index].keys += keys.scalars[first * groups * dk..<(first + length) * groups * dk]
        model[index].values += values.scalars[first * groups * dv..<(first + length) * groups * dv]
        first += length
      }
      steps.append(.append(keys: keys, values: values, lengths: lengths))
      queryLengths = lengths
    }
    for _ in 0..<generator.size(1...8) {
      try append(atMost: generator.pick([1, 5, 90]))
      switch generator.index(below: 5) {
      case 0:
        let lengths = model.map { _ in generator.index(below: 5) }
        let (keys, values) = try tokens(lengths)
        steps.append(.fork(keys: keys, values: values, lengths: lengths))
      case 1:
        if case .rotating = policy { break }
        let sequence = generator.index(below: model.count)
        let length = generator.index(below: model[sequence].keys.count / (groups * dk) + 1)
        model[sequence].keys.removeSubrange((length * groups * dk)...)
        model[sequence].values.removeSubrange((length * groups * dv)...)
        steps.append(.rewind(sequence: sequence, length: length))
      case 2:
        let chosen = (0..<generator.size(1...4)).map { _ in generator.index(below: model.count) }
        model = chosen.map { model[$0] }
        steps.append(.select(chosen))
      default: break
      }
    }
    try append(atMost: generator.pick([1, 4, 30]))
    (self.steps, self.queryLengths) = (steps, queryLengths)
    keyLengths = model.map { $0.keys.count / (groups * dk) }
    let count = keyLengths.reduce(0, +)
    keys = try Tensor(shape: [count, groups, dk], scalars: model.flatMap(\.keys))
    values = try Tensor(shape: [count, groups, dv], scalars: model.flatMap(\.values))
  }

  /// The cache after all steps.
  func cache() throws -> KeyValueCache {
    var cache = empty
    for step in steps {
      switch step {
      case .append(let keys, let values, let lengths):
        try cache.append(keys: keys, values: values, lengths: lengths)
      case .fork(let keys, let values, let lengths):
        var copy = cache
        try copy.append(keys: keys, values: values, lengths: lengths)
      case .rewind(let sequence, let length): try cache.rewind(sequence: sequence, to: length)
      case .select(let sequences): cache = try cache.selecting(sequences)
      }
    }
    return cache
  }
}
