import Attention
import AttentionModels
import DemonstrationModels
import Foundation
import TestSupport
import Testing

/// The code of the article "Quantization and weight formats", and its numbers.
struct WeightFormatCode {
  @Test func `a layer has the memory and the error that the article states`() throws {
    var random = SystemRandomNumberGenerator()
    let weight = try Tensor.orthogonal(rows: 768, columns: 768, using: &random)
    let x = try Tensor.orthogonal(rows: 64, columns: 768, using: &random)

    /// √(Σ (a − b)² / Σ b²)
    func distance(_ a: Tensor, _ b: Tensor) -> Float {
      let pairs = zip(a.scalars, b.scalars)
      let squares = pairs.reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      return (squares / pairs.reduce(0) { $0 + $1.1 * $1.1 }).squareRoot()
    }
    let exact = try Linear(weight: weight)(x)
    let costs = try WeightFormat.allCases.map { format in
      let layer = try Linear(weight: weight, format: format)
      return (format, layer.byteCount, try distance(layer(x), exact))
    }
    // float32      2359296  0
    // bfloat16     1179648  0.0017
    // float16      1179648  0.00021
    // int8          592896  0.0077
    // int8-groups   626688  0.0059
    #expect(costs.map(\.0.name) == ["float32", "bfloat16", "float16", "int8", "int8-groups"])
    #expect(costs.map(\.1) == [2_359_296, 1_179_648, 1_179_648, 592_896, 626_688])
    let distances = [0, 0.0017, 0.00021, 0.0077, 0.0059]
    for (cost, distance) in zip(costs, distances) {
      #expect(abs(Double(cost.2) - distance) <= 0.05 * distance, "\(cost)")
    }

    let rounded = try withCompute(layerInputs: .rounded) {
      try WeightFormat.allCases.map { format in
        try distance(Linear(weight: weight, format: format)(x), exact)
      }
    }
    // [0, 0.0024, 0.00021, 0.0097, 0.0084]
    for (found, distance) in zip(rounded, [0, 0.0024, 0.00021, 0.0097, 0.0084]) {
      #expect(abs(Double(found) - distance) <= 0.05 * distance, "\(rounded)")
    }
  }

  @Test func `a model has the loss that the article states for each format`() throws {
    let generator = try TextGenerator(
      DemonstrationModel.toyGPT2.directory(), format: .int8Groups)
    #expect(try generator.generate("Once upon a time").text.hasPrefix(" there was a"))

    let text = """
      Once upon a time there was a young teacher named Anna. She had a black \
      cat. She lived in a small house. In the morning, she went to the market. \
      The sun was shining. She bought a red hat. She was very happy. Then she \
      went home and slept in her bed. The cat sat on the mat because it was \
      tired.
      """
    let ids = try generator.tokenizer.encode(text).ids  // 72 tokens
    let losses = try WeightFormat.allCases.map { format in
      let model = try TextGenerator(
        DemonstrationModel.toyGPT2.directory(), format: format
      ).model
      var (state, tokens) = try model.begin(PackedTokens([ids]))
      let logits = try model.logits(of: tokens, state: &state, rows: .all)
      let p = try softmax(logits)  // [token 72, id 665]
      let sum = (1..<ids.count).reduce(0) { $0 - log(p[$1 - 1, ids[$1]]) }
      return sum / Float(ids.count - 1)
    }
    // [0.7704, 0.7704, 0.7704, 0.7697, 0.7702]
    #expect(ids.count == 72 && generator.model.vocabularySize == 665)
    #expect(largestDistance(losses, [0.7704, 0.7704, 0.7704, 0.7697, 0.7702]) <= 2e-4)
  }

  @Test func `a number beyond the range of a format throws`() throws {
    let large = try Tensor(rows: [[1, 70_000]])
    #expect(
      failureText { try Linear(weight: large, format: .float16) }
        == "weight: 70000.0 is beyond the range of float16")
  }
}
