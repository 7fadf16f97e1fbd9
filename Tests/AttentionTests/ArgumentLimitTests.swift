import Attention
import TestSupport
import Testing

/// Counts that are arguments: an impossible number is an error, never an allocation, a hang or a trap.
@Suite(.hangLimit) struct ArgumentLimitTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let words: [String]
    let call: @Sendable (Int) throws -> Void
    var testDescription: String { name }
  }

  /// Numbers that must be refused: negative, and more than any memory.
  static let numbers = [Int.min, -1, 1 << 40, 1 << 61, .max - 1, .max]

  private static func tensor(_ shape: Shape) throws -> Tensor {
    try Tensor(shape: shape, repeating: 1)
  }

  static let cases: [Case] = [
    Case(name: "publishedSlopes", words: ["headCount"]) {
      _ = try LinearBias.publishedSlopes(headCount: $0)
    },
    Case(name: "LinearBias", words: ["headCount"]) { _ = try LinearBias(headCount: $0) },
    Case(name: "RotaryEmbedding", words: ["headDimension", "rotary dimension"]) {
      _ = try RotaryEmbedding(headDimension: $0 & ~1)
    },
    Case(name: "rotaryDimension", words: ["rotary dimension"]) {
      _ = try RotaryEmbedding(headDimension: 64, rotaryDimension: $0)
    },
    Case(name: "cosSin", words: ["tokenCount", "positions"]) {
      _ = try RotaryEmbedding(headDimension: 64).cosSin(tokenCount: $0)
    },
    Case(name: "positions", words: ["positions", "lengths"]) {
      _ = try TokenPositions.fromStart.resolved(lengths: [$0])
    },
    Case(name: "several lengths", words: ["positions", "lengths"]) {
      _ = try TokenPositions.offsets([0, 0]).resolved(lengths: [$0, $0])
    },
    Case(name: "position", words: ["positions"]) {
      _ = try RotaryEmbedding(headDimension: 64).cosSin(positions: [$0 == -1 ? .min : $0])
    },
    Case(name: "sequenceCount", words: ["sequenceCount"]) {
      _ = try KeyValueCache(sequenceCount: $0, keyValueHeadCount: 2, keyDimension: 4)
    },
    Case(name: "capacity", words: ["capacity", "tensor", "overflow"]) {
      _ = try KeyValueCache(
        sequenceCount: 3, keyValueHeadCount: 2, keyDimension: 64, policy: .fixed(capacity: $0))
    },
    Case(name: "orthogonal rows", words: ["shape", "overflow", "tensor", "negative"]) {
      var generator = SystemRandomNumberGenerator()
      _ = try Tensor.orthogonal(rows: $0, columns: 64, using: &generator)
    },
    Case(name: "orthogonal columns", words: ["shape", "overflow", "tensor", "negative"]) {
      var generator = SystemRandomNumberGenerator()
      _ = try Tensor.orthogonal(rows: 64, columns: $0, using: &generator)
    },
    Case(name: "tensor", words: ["shape", "overflow", "tensor"]) {
      _ = try Tensor(shape: [$0, 64], repeating: 0)
    },
    Case(name: "rows", words: ["rows"]) { number in
      _ = try tensor([4, 4]).rows(number..<(number == .max ? .max : number + 1))
    },
    Case(name: "head", words: ["head"]) { _ = try tensor([4, 2, 4]).head($0) },
    Case(name: "lengths", words: ["lengths"]) {
      let x = try tensor([4, 1, 4])
      _ = try attention(
        queries: x, keys: x, values: x, options: AttentionOptions(lengths: [$0]))
    },
    Case(name: "key lengths", words: ["keyLengths"]) {
      let x = try tensor([4, 1, 4])
      _ = try attention(
        queries: x, keys: x, values: x, options: AttentionOptions(lengths: [4], keyLengths: [$0]))
    },
    Case(name: "embedding index", words: ["indices"]) {
      _ = try Embedding(weight: tensor([4, 4]))([$0])
    },
  ]

  @Test(arguments: cases) func `an impossible number is an error that names it`(_ test: Case) {
    for number in Self.numbers {
      do {
        try test.call(number)
        Issue.record("\(test.name) accepted \(number)")
      } catch let error as AttentionError {
        #expect(test.words.contains { "\(error)".contains($0) }, "\(number): \(error)")
      } catch {
        Issue.record("\(test.name), \(number): \(error)")
      }
    }
  }

  @Test func `weights that do not fit into memory are an error on every backend`() throws {
    let x = try Self.tensor([2_000_000, 1, 1])
    for backend in Backend.all {
      #expect(throws: AttentionError.self) {
        try attention(
          queries: x, keys: x, values: x, options: AttentionOptions(), returning: .weights,
          on: backend)
      }
    }
    let reference = failureText {
      try attention(
        queries: x, keys: x, values: x, options: AttentionOptions(), returning: .weights,
        on: .reference)
    }
    #expect(
      reference.contains("memory") && reference.contains("[1, 2000000, 2000000]"), "\(reference)")
  }

  @Test func `sizes at the limits work`() throws {
    #expect(try LinearBias.publishedSlopes(headCount: 1 << 20).count == 1 << 20)
    #expect(try LinearBias.publishedSlopes(headCount: (1 << 16) + 3).count == (1 << 16) + 3)
    #expect(try RotaryEmbedding(headDimension: 1 << 20).inverseFrequencies().count == 1 << 19)
    #expect(try RotaryEmbedding(headDimension: 64).cosSin(tokenCount: 0).tokenCount == 0)
    #expect(try withCompute(threads: .max) { 1 } == 1)
    let x = try Self.tensor([4, 1, 4])
    for mask in [
      AttentionMask.window(left: .max, right: .max), .window(left: .max, right: 0), .prefix(.max),
    ] {
      #expect(try attention(queries: x, keys: x, values: x, mask: mask) == x)
    }
    var cache = try KeyValueCache(
      keyValueHeadCount: 1, keyDimension: 4, policy: .rotating(window: .max))
    try cache.append(keys: x, values: x)
    #expect(cache.lengths == [4])
  }
}
