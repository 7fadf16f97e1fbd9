import Attention
import TestSupport
import Testing

/// Decoding with a cache gives the same results as a single pass.
@Suite struct KeyValueCacheTests {
  /// How tokens are appended, and which tokens the cache keeps.
  struct Course: Sendable, CustomTestStringConvertible {
    let name: String
    var lengths = [7, 0, 23, 14]
    var policy = KeyValueCache.Policy.growing
    var hasDetours = false
    /// The maximum number of tokens of a sequence per step; nil for one token per step.
    var most: Int?
    var testDescription: String { name }

    func decoding(headCount: Int, keyValueHeadCount: Int) -> (DecodingCase, [[Int]]) {
      let decoding = DecodingCase(
        lengths: lengths, headCount: headCount, keyValueHeadCount: keyValueHeadCount,
        policy: policy, hasDetours: hasDetours)
      return (decoding, most.map { decoding.unevenSteps(most: $0) } ?? decoding.singleSteps)
    }
  }

  static let courses = [
    Course(name: "one sequence, token by token", lengths: [40]),
    Course(name: "token by token"),
    Course(name: "uneven steps", most: 6),
    Course(name: "fixed, uneven steps", policy: .fixed(capacity: 23), most: 5),
    Course(name: "rotating, token by token", policy: .rotating(window: 7)),
    Course(name: "rotating, uneven steps", policy: .rotating(window: 6), most: 16),
    Course(name: "rotating, window of 1", lengths: [5, 9], policy: .rotating(window: 1), most: 2),
    Course(name: "rewound before each step", hasDetours: true, most: 3),
    Course(
      name: "rotating, rewound before each step", policy: .rotating(window: 5), hasDetours: true,
      most: 3),
  ]

  @Test(arguments: courses, Backend.all)
  func `decoding equals a single pass with every mask`(course: Course, backend: Backend) throws {
    let (decoding, steps) = course.decoding(headCount: 4, keyValueHeadCount: 2)
    for (name, mask) in MaskTests.masks {
      let distance = try decoding.distance(steps: steps, on: backend) {
        AttentionOptions(mask: try mask(4, $0, $1))
      }
      #expect(distance.isWithinTolerance, "\(name): \(distance)")
    }
  }

  @Test(arguments: courses, Backend.all)
  func `decoding equals a single pass with every score option`(
    course: Course, backend: Backend
  ) throws {
    let (decoding, steps) = course.decoding(headCount: 6, keyValueHeadCount: 3)
    for (name, make) in ModifierTests.options {
      let distance = try decoding.distance(steps: steps, on: backend, make)
      #expect(distance.isWithinTolerance, "\(name): \(distance)")
    }
  }

  @Test(arguments: fastBackends)
  func `several blocks give the same result with a cache`(backend: Backend) throws {
    let decoding = DecodingCase(lengths: [700, 150])
    let steps = [[560, 0], [1, 20], [139, 130]]
    for mask in [AttentionMask.none, .window(left: 600, right: 3, alignment: .topLeft)] {
      let distance = try decoding.distance(steps: steps, on: backend) { _, _ in
        AttentionOptions(modifiers: [try LinearBias(headCount: 4, alignment: .topLeft)], mask: mask)
      }
      #expect(distance.isWithinTolerance, "\(distance)")
    }
    var rotating = decoding
    rotating.policy = .rotating(window: 64)
    let distance = try rotating.distance(steps: steps, on: backend) { _, _ in AttentionOptions() }
    #expect(distance.isWithinTolerance, "\(distance)")
  }

  @Test(arguments: Backend.all)
  func `a prefix counts from the beginning of the sequence`(backend: Backend) throws {
    // Without the causal mask: the tokens of the prefix come first and attend to each other.
    var decoding = DecodingCase(lengths: [12, 30, 8], isCausal: false)
    let steps = decoding.unevenSteps(most: 3, first: 6)
    for policy in [KeyValueCache.Policy.growing, .rotating(window: 9)] {
      decoding.policy = policy
      for alignment in AttentionMask.Alignment.allCases {
        let distance = try decoding.distance(steps: steps, on: backend) { _, _ in
          AttentionOptions(mask: .prefix(6, alignment: alignment))
        }
        #expect(distance.isWithinTolerance, "\(policy), \(alignment): \(distance)")
      }
    }
  }

  @Test func `a modifier gets positions from the beginning of the sequence`() throws {
    struct Places: ScoreBias {
      func bias(at position: ScorePosition) -> Double {
        Double(position.query % 5 - position.key % 3)
      }
    }
    var decoding = DecodingCase(lengths: [17, 9])
    for policy in [KeyValueCache.Policy.growing, .rotating(window: 4)] {
      decoding.policy = policy
      let distance = try decoding.distance(
        steps: decoding.unevenSteps(most: 3), on: .openBLAS
      ) { _, _ in AttentionOptions(modifiers: [Places()]) }
      #expect(distance.isWithinTolerance, "\(policy): \(distance)")
    }
  }

  @Test func `a rotating cache frees the memory of a long prompt`() throws {
    var cache = try KeyValueCache(
      keyValueHeadCount: 1, keyDimension: 1, policy: .rotating(window: 10))
    func append(_ count: Int) throws {
      let tokens = try Tensor(shape: [count, 1, 1], repeating: 1)
      try cache.append(keys: tokens, values: tokens)
    }
    try append(1000)
    #expect(cache.keptLengths == [1000])
    for _ in 0..<100 {
      try append(1)
      #expect(cache.keptLengths == [10])
    }
    #expect(cache.lengths == [1100])
    #expect(cache.heldRowCount <= 40)
  }

  @Test func `appending token by token moves each token only a few times`() throws {
    // Copying all tokens in every step would take minutes.
    for policy in [KeyValueCache.Policy.growing, .rotating(window: 5000)] {
      var cache = try KeyValueCache(
        sequenceCount: 3, keyValueHeadCount: 2, keyDimension: 64, policy: policy)
      let tokens = try Tensor(shape: [1, 2, 64], repeating: 1)
      for step in 0..<30_000 {
        let lengths = step % 10 == 0 ? [1, 0, 0] : step % 3 == 0 ? [0, 1, 0] : [0, 0, 1]
        try cache.append(keys: tokens, values: tokens, lengths: lengths)
      }
      #expect(cache.lengths.reduce(0, +) == 30_000)
    }
  }

  // MARK: - Value semantics

  @Test(arguments: [KeyValueCache.Policy.growing, .fixed(capacity: 90), .rotating(window: 4)])
  func `a copy does not change while the original grows`(policy: KeyValueCache.Policy) throws {
    let arguments = try OperatorCase(queryCount: 1, keyCount: 90).arguments()
    var cache = try KeyValueCache(
      keyValueHeadCount: 2, keyDimension: 16, policy: policy)
    for start in stride(from: 0, to: 60, by: 3) {
      let copy = cache
      let before = try attention(queries: arguments.queries.rows(0..<0), cache: copy)
      let seen = try start == 0 ? before : attention(queries: arguments.queries, cache: copy)
      try cache.append(
        keys: arguments.keys.rows(start..<start + 3),
        values: arguments.values.rows(start..<start + 3))
      #expect(copy.lengths == [start] && cache.lengths == [start + 3])
      guard start > 0 else { continue }
      // Appending to the copy does not change the original either.
      var other = copy
      try other.append(
        keys: arguments.keys.rows(80..<90), values: arguments.values.rows(80..<90))
      #expect(try attention(queries: arguments.queries, cache: copy).output == seen.output)
      let direct = try attention(
        queries: arguments.queries, keys: arguments.keys.rows(0..<start + 3),
        values: arguments.values.rows(0..<start + 3),
        mask: policy == .rotating(window: 4) ? .window(left: 3, right: nil) : .none)
      let cached = try attention(queries: arguments.queries, cache: cache).output
      #expect(largestDistance(cached.scalars, direct.scalars.map(Double.init)) < 1e-6)
    }
  }

  @Test func `a cache over given tensors does not change them`() throws {
    let arguments = try OperatorCase(queryCount: 2, keyCount: 9).arguments()
    let copy = arguments.keys.scalars
    var cache = try KeyValueCache(
      keys: arguments.keys.rows(1..<9), values: arguments.values.rows(1..<9), lengths: [5, 3])
    let packed = try attention(
      queries: arguments.queries, keys: arguments.keys.rows(1..<9),
      values: arguments.values.rows(1..<9),
      options: AttentionOptions(lengths: [1, 1], keyLengths: [5, 3]))
    #expect(try attention(queries: arguments.queries, cache: cache).output == packed.output)
    try cache.rewind(sequence: 0, to: 1)
    let more = try Tensor(shape: [2, 2, 16], repeating: 7)
    try cache.append(keys: more, values: more)
    #expect(cache.lengths == [2, 4])
    #expect(arguments.keys.scalars == copy)
  }

  @Test(arguments: Backend.all)
  func `an empty cache gives zeros, and no queries give no rows`(backend: Backend) throws {
    var cache = try KeyValueCache(
      sequenceCount: 2, keyValueHeadCount: 1, keyDimension: 3, valueDimension: 4)
    let queries = try Tensor(shape: [2, 2, 3], repeating: 1)
    let zeros = try attention(queries: queries, cache: cache, on: backend)
    #expect(try zeros.output == Tensor(shape: [2, 2, 4], repeating: 0))
    try cache.append(
      keys: Tensor(shape: [0, 1, 3], repeating: 0), values: Tensor(shape: [0, 1, 4], repeating: 0))
    #expect(cache.lengths == [0, 0] && cache.keptLengths == [0, 0])
    let nothing = try attention(queries: queries.rows(0..<0), cache: cache, on: backend)
    #expect(nothing.output.shape == [0, 2, 4])
  }

  @Test func `a rotating cache can be rewound to any length within the last append`() throws {
    func tokens(_ positions: Range<Int>) throws -> Tensor {
      try Tensor(shape: [positions.count, 1, 1], scalars: positions.map(Float.init))
    }
    for window in 1...5 {
      var cache = try KeyValueCache(
        keyValueHeadCount: 1, keyDimension: 1, policy: .rotating(window: window))
      try cache.append(keys: tokens(0..<50), values: tokens(0..<50))
      try cache.append(keys: tokens(50..<57), values: tokens(50..<57))
      for length in 50...57 {
        var rewound = cache
        try rewound.rewind(sequence: 0, to: length)
        let next = try tokens(length..<length + 1)
        try rewound.append(keys: next, values: next)
        let output = try attention(
          queries: Tensor(shape: [1, 1, 1], repeating: 0), cache: rewound,
          options: AttentionOptions(mask: .window(left: window - 1, right: 0))
        ).output
        // With equal scores, the output is the mean of the positions in the window.
        let mean = Float(length) - Float(window - 1) / 2
        #expect(abs(output.scalars[0] - mean) < 1e-4, "window \(window), length \(length)")
      }
    }
  }

  @Test func `the error names the least length to which a rotating cache can be rewound`() throws {
    for window in 1...6 {
      var cache = try KeyValueCache(
        keyValueHeadCount: 1, keyDimension: 1, policy: .rotating(window: window))
      let token = try Tensor(shape: [1, 1, 1], repeating: 1)
      for count in 1...60 {
        try cache.append(keys: token, values: token)
        let failures: [String?] = (1...count).map { length in
          do {
            var rewound = cache
            try rewound.rewind(sequence: 0, to: length)
            return nil
          } catch {
            return "\(error)"
          }
        }
        let least = try #require(failures.firstIndex(of: nil))
        for text in failures[..<least] {
          let isNamed = text?.contains("complete only from length \(least + 1) on")
          #expect(isNamed == true, "\(text ?? "")")
        }
        #expect(failures[least...].allSatisfy { $0 == nil })
      }
    }
  }
}
