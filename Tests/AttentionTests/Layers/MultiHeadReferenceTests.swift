import Attention
import Foundation
import TestSupport
import Testing

/// Comparison with PyTorch's multi-head attention in double precision:
/// Scripts/fixtures/multi_head.py.
@Suite struct MultiHeadReferenceTests {
  /// A tensor of a fixture, as `{"shape": …, "values": …}`.
  struct Array: Decodable, Sendable {
    enum Value: Decodable, Sendable {
      case number(Double)
      case truth(Bool)

      init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let truth = try? container.decode(Bool.self) {
          self = .truth(truth)
        } else if let number = try? container.decode(Double.self) {
          self = .number(number)
        } else {
          #expect(try container.decode(String.self) == "-inf")
          self = .number(-.infinity)
        }
      }
    }
    var shape: [Int]
    var values: [Value]

    var doubles: [Double] {
      values.compactMap { if case .number(let number) = $0 { number } else { nil } }
    }
    var truths: [Bool] {
      values.compactMap { if case .truth(let truth) = $0 { truth } else { nil } }
    }
    func tensor() throws -> Tensor {
      try Tensor(shape: Shape(shape), scalars: doubles.map { Float($0) })
    }
    func booleans() throws -> BooleanTensor {
      try BooleanTensor(shape: Shape(shape), elements: truths)
    }
  }

  /// A state dictionary, or the name of the case that contains it.
  enum State: Decodable, Sendable {
    case tensors([String: Array])
    case sameAs(String)

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let name = try? container.decode(String.self) {
        self = .sameAs(name)
      } else {
        self = .tensors(try container.decode([String: Array].self))
      }
    }

    func dictionary() throws -> [String: Tensor] {
      switch self {
      case .tensors(let tensors): try tensors.mapValues { try $0.tensor() }
      case .sameAs(let name): try Case.named(name).state.dictionary()
      }
    }
  }

  struct Case: Decodable, Sendable {
    var heads: Int
    var zeroKey: Bool
    var state: State
    var queries: Array
    var keys: Array?
    var values: Array?
    var hide: Array?
    var hideKeys: Array?
    var bias: Array?
    var lengths: [Int]?
    var output: Array
    var weights: Array?
    var outputError: Double
    var weightsError: Double

    static func named(_ name: String) throws -> Case {
      try Fixtures.json("MultiHead/\(name).json")
    }

    func layer() throws -> MultiHeadAttention {
      try MultiHeadAttention(
        stateDictionary: state.dictionary(), headCount: heads, addsZeroAttention: zeroKey)
    }

    /// PyTorch's masks as options of this library.
    func options() throws -> AttentionOptions {
      var options = AttentionOptions(bias: try bias?.tensor(), lengths: lengths)
      if let hide { options.mask = options.mask.intersection(.hiding(try hide.booleans())) }
      if let hideKeys { options.mask = options.mask.intersection(.hidingKeys(hideKeys.truths)) }
      return options
    }
  }

  static let names = [
    "self", "self-without-bias", "cross", "cross-with-values", "other-widths",
    "other-widths-without-bias", "causal", "masks", "mask-a-head", "float-mask", "padded",
    "extra-key", "zero-key", "both-extra-keys",
  ]

  @Test(arguments: names, Backend.all)
  func `output and weights equal PyTorch's`(name: String, backend: Backend) throws {
    let item = try Case.named(name)
    let layer = try item.layer()
    let result = try withCompute(backend: backend) {
      try layer(
        item.queries.tensor(), encoderOutput: item.keys?.tensor(), values: item.values?.tensor(),
        options: item.options(), returning: [.weights, .meanWeights, .logSumExp])
    }
    let distance = largestDistance(result.output.scalars, item.output.doubles)
    #expect(distance <= 2 * item.outputError + 1e-6, "\(name): \(distance)")
    #expect(result.logSumExp?.shape == [item.heads, item.queries.shape[0]])

    let weights = try #require(result.weights)
    let mean = try #require(result.meanWeights)
    let (H, Q, K) = (weights.shape[0], weights.shape[1], weights.shape[2])
    #expect(H == item.heads && mean.shape == [Q, K])
    for (place, value) in mean.scalars.enumerated() {
      let sum = (0..<H).reduce(0) { $0 + Double(weights.scalars[$1 * Q * K + place]) }
      #expect(abs(Double(value) - sum / Double(H)) <= 1e-7)
    }
    guard let published = item.weights else { return }
    // PyTorch's last columns are the appended keys.
    let width = published.shape[2]
    let kept = published.doubles.enumerated().filter { $0.offset % width < K }.map(\.element)
    let weightsDistance = largestDistance(weights.scalars, kept)
    #expect(weightsDistance <= 2 * item.weightsError + 1e-6, "\(name): \(weightsDistance)")
    #expect(width == K + (item.zeroKey ? 1 : 0) + (layer.appendedKeys.biasKeyValue == nil ? 0 : 1))
    if ProcessInfo.processInfo.environment["ATTENTION_MEASURE"] != nil {
      print("measured", name, backend, [distance, item.outputError, weightsDistance])
    }
  }

  @Test func `only requested results are returned, and the output is the same`() throws {
    for name in ["cross", "extra-key", "zero-key"] {
      let item = try Case.named(name)
      let layer = try item.layer()
      let (input, encoderOutput) = (try item.queries.tensor(), try item.keys?.tensor())
      let plain = try layer(
        input, encoderOutput: encoderOutput, options: item.options(), returning: [])
      #expect(plain.weights == nil && plain.meanWeights == nil && plain.logSumExp == nil)
      let mean = try layer(
        input, encoderOutput: encoderOutput, options: item.options(), returning: .meanWeights)
      #expect(mean.weights == nil && mean.meanWeights != nil && mean.logSumExp == nil)
      let all = try layer(
        input, encoderOutput: encoderOutput, options: item.options(),
        returning: [.weights, .logSumExp])
      #expect(all.meanWeights == nil)
      let exact = all.output.scalars.map { Double($0) }
      #expect(largestDistance(plain.output.scalars, exact) <= 1e-6)
    }
  }

  @Test func `the packed weights of a state dictionary become three projections`() throws {
    let state = try Case.named("self").state.dictionary()
    let packed = try #require(state["in_proj_weight"])
    let layer = try MultiHeadAttention(stateDictionary: state, headCount: 2)
    #expect(try layer.query.weight == packed.rows(0..<8))
    #expect(try layer.key.weight == packed.rows(8..<16))
    #expect(try layer.value.weight == packed.rows(16..<24))
  }

  @Test func `a prefix selects one layer`() throws {
    let item = try Case.named("self")
    var state = try item.state.dictionary()
    for (name, tensor) in state { state["layers.3.self_attn.\(name)"] = tensor }
    let layer = try MultiHeadAttention(
      stateDictionary: state, headCount: 2, prefix: "layers.3.self_attn.")
    #expect(try layer(item.queries.tensor()) == item.layer()(item.queries.tensor()))
  }

  // MARK: - Refusals

  struct Refusal: Sendable, CustomTestStringConvertible {
    var from = "self"
    var headCount = 2
    var groups: Int?
    var change: @Sendable (inout [String: Tensor]) throws -> Void
    var words: [String]
    var testDescription: String { words.joined(separator: ", ") }
  }

  static let refusals: [Refusal] = [
    Refusal(change: { $0["in_proj_weight"] = nil }, words: ["a.in_proj_weight", "missing"]),
    Refusal(change: { $0["out_proj.weight"] = nil }, words: ["a.out_proj.weight", "missing"]),
    Refusal(change: { $0["in_proj_bias"] = nil }, words: ["a.in_proj_bias", "missing"]),
    Refusal(change: { $0["out_proj.bias"] = nil }, words: ["a.out_proj.bias", "missing"]),
    Refusal(
      from: "other-widths", change: { $0["k_proj_weight"] = nil },
      words: ["a.k_proj_weight", "missing"]),
    Refusal(
      from: "extra-key", change: { $0["bias_v"] = nil }, words: ["a.bias_v", "missing", "bias_k"]),
    Refusal(change: { $0 = [:] }, words: ["a.out_proj.weight", "missing", "none"]),
    Refusal(
      change: { $0["in_proj_weight"] = try Tensor(shape: [23, 8], repeating: 0) },
      words: ["a.in_proj_weight", "[24, 8]", "[23, 8]"]),
    Refusal(
      change: { $0["in_proj_weight"] = try Tensor(shape: [192], repeating: 0) },
      words: ["a.in_proj_weight", "[24, 8]", "[192]"]),
    Refusal(
      change: { $0["in_proj_bias"] = try Tensor(shape: [8], repeating: 0) },
      words: ["a.in_proj_bias", "[24]", "[8]"]),
    Refusal(
      change: { $0["out_proj.weight"] = try Tensor(shape: [0, 8], repeating: 0) },
      words: ["a.out_proj.weight", "[0, 8]"]),
    Refusal(
      from: "other-widths",
      change: { $0["v_proj_weight"] = try Tensor(shape: [7, 5], repeating: 0) },
      words: ["a.v_proj_weight", "[8, any]", "[7, 5]"]),
    Refusal(
      from: "extra-key", change: { $0["bias_k"] = try Tensor(shape: [8], repeating: 0) },
      words: ["a.bias_k", "[1, 1, 8]", "[8]"]),
    Refusal(
      change: { $0["k_norm.weight"] = try Tensor(shape: [4], repeating: 0) },
      words: ["unexpected", "a.k_norm.weight"]),
    Refusal(
      change: { $0["q_proj_weight"] = try Tensor(shape: [8, 8], repeating: 0) },
      words: ["a.k_proj_weight", "missing"]),
    Refusal(headCount: 3, change: { _ in }, words: ["a.out_proj.weight", "divisible", "8", "3"]),
    Refusal(headCount: 0, change: { _ in }, words: ["heads", "0"]),
    Refusal(headCount: -1, change: { _ in }, words: ["heads", "-1"]),
    Refusal(groups: 0, change: { _ in }, words: ["heads", "0"]),
    Refusal(groups: 1, change: { _ in }, words: ["a.in_proj_weight", "[16, 8]", "[24, 8]"]),
  ]

  @Test(arguments: refusals)
  func `a wrong tensor of a state dictionary is named in the error`(_ refusal: Refusal) throws {
    var state = try Case.named(refusal.from).state.dictionary()
    try refusal.change(&state)
    let named = Dictionary(uniqueKeysWithValues: state.map { ("a.\($0)", $1) })
    let text = failureText {
      try MultiHeadAttention(
        stateDictionary: named, headCount: refusal.headCount, prefix: "a.",
        keyValueHeadCount: refusal.groups)
    }
    for word in refusal.words { #expect(text.contains(word), "\(text)") }
    #expect(!text.contains("no failure"))
  }
}
