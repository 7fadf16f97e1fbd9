import Attention
import Foundation
import TestSupport
import Testing

/// The operator and its gradients compared with PyTorch in Double:
/// `Scripts/fixtures/attention_operator.py`.
@Suite struct PyTorchTests {
  struct GoldenArray: Decodable, Sendable {
    let shape: [Int]
    /// null means −∞.
    let numbers: [Double?]

    var doubles: [Double] { numbers.map { $0 ?? -.infinity } }

    func tensor() throws -> Tensor {
      try Tensor(shape: Shape(shape), scalars: doubles.map { Float($0) })
    }
  }

  struct GoldenCase: Decodable, Sendable {
    let name: String
    let lengths: [Int]
    let keyLengths: [Int]
    let heads: Int
    let causal: Bool?
    let softcap: Float?
    let scale: Float?
    let window: [Int]?
    let prefix: Int?
    let alibi: Bool?
    let inputs: [String: GoldenArray]
    let expected: [String: GoldenArray]

    func options() throws -> AttentionOptions {
      var masks: [AttentionMask] = []
      if causal == true { masks.append(.causal) }
      if let window { masks.append(.window(left: window[0], right: window[1])) }
      if let prefix { masks.append(.prefix(prefix)) }
      if let mask = inputs["mask"] {
        let elements = mask.doubles.map { $0 == 1 }
        masks.append(.keeping(try BooleanTensor(shape: Shape(mask.shape), elements: elements)))
      }
      return AttentionOptions(
        scale: scale, softcap: softcap,
        modifiers: alibi == true ? [try LinearBias(headCount: heads)] : [],
        bias: try inputs["bias"]?.tensor(), mask: masks.reduce(.none) { $0.intersection($1) },
        sinks: try inputs["sinks"]?.tensor(), lengths: lengths, keyLengths: keyLengths)
    }
  }

  static let cases: [GoldenCase] = (try? Fixtures.json("Operator/cases.json")) ?? []

  @Test func `the fixture has all cases`() {
    #expect(Self.cases.count == 5)
  }

  @Test(arguments: cases.indices, Backend.all)
  func `output, weights, log-sum-exp and gradients equal PyTorch's`(
    index: Int, backend: Backend
  ) throws {
    let golden = Self.cases[index]
    func input(_ name: String) throws -> Tensor {
      try #require(golden.inputs[name]).tensor()
    }
    let (q, k, v) = (try input("queries"), try input("keys"), try input("values"))
    let options = try golden.options()
    let result = try attention(
      queries: q, keys: k, values: v, options: options, returning: [.weights, .logSumExp],
      on: backend)
    let gradients = try attentionGradients(
      of: input("outputGradient"), queries: q, keys: k, values: v, options: options,
      result: result, on: backend)
    let found: [String: Tensor?] = [
      "output": result.output, "weights": result.weights, "logSumExp": result.logSumExp,
      "queryGradient": gradients.queries, "keyGradient": gradients.keys,
      "valueGradient": gradients.values, "biasGradient": gradients.bias,
      "sinkGradient": gradients.sinks,
    ]
    for (name, tensor) in found {
      guard let expected = golden.expected[name] else {
        #expect(tensor == nil, "\(name), \(golden.name)")
        continue
      }
      let tensor = try #require(tensor)
      #expect(tensor.shape == Shape(expected.shape), "\(name), \(golden.name)")
      #expect(
        largestDistance(tensor.scalars, expected.doubles) < 2e-6, "\(name), \(golden.name)")
    }
  }
}
