import Attention
import TestSupport
import Testing

@Suite struct TokenEmbeddingTests {
  @Test(arguments: WeightFormat.allCases)
  func `embeddings and logits use the same weights`(format: WeightFormat) throws {
    var generator = SeededGenerator(seed: 99)
    let weight = try generator.normalTensor([77, 130])
    let table = try TokenEmbedding(weight: weight, format: format)
    #expect(table.count == 77 && table.hiddenSize == 130 && table.format == format)
    let kept = try table.output.weight
    let ids = [76, 0, 5, 5, 31, 32, 33, 64] + Array(0..<77)
    for threads in [1, 2] {
      let rows = try withCompute(threads: threads) { try table(ids) }
      #expect(rows.shape == [ids.count, 130])
      for (position, id) in ids.enumerated() {
        #expect(
          rows.scalars[position * 130..<(position + 1) * 130]
            .elementsEqual(kept.scalars[id * 130..<(id + 1) * 130]))
      }
    }
    let layer = try Linear(weight: weight, format: format)
    let x = try generator.normalTensor([3, 130])
    #expect(try table.output(x) == layer(x))
    #expect(table.output.bias == nil && table.byteCount == layer.byteCount)
  }

  @Test(arguments: WeightFormat.allCases)
  func `embeddings are scaled`(format: WeightFormat) throws {
    var generator = SeededGenerator(seed: 100)
    let layer = try generator.linear(from: 65, to: 40)
    let weight = try layer.weight
    let plain = try TokenEmbedding(weight: weight, format: format)
    let scaled = try TokenEmbedding(weight: weight, format: format, scale: 8)
    #expect(try scaled([3, 39]).scalars == plain([3, 39]).scalars.map { $0 * 8 })
    // The output layer is not scaled.
    let x = try generator.normalTensor([2, 65])
    #expect(try scaled.output(x) == plain.output(x))
    // The bias of a layer is not used.
    #expect(try TokenEmbedding(layer).output.bias == nil)
  }

  @Test(arguments: [-1, 3, .max, .min]) func `the error names an id out of range`(id: Int) throws {
    let table = try TokenEmbedding(weight: Tensor(rows: [[1], [2], [3]]))
    let text = failureText { try table([0, id, 1]) }
    #expect(text == "ids: \(id) is out of range for a vocabulary of 3 tokens")
  }

  @Test(arguments: [Float.nan, .infinity]) func `a scale must be finite`(scale: Float) throws {
    let text = failureText { try TokenEmbedding(weight: Tensor(rows: [[1]]), scale: scale) }
    #expect(text == "scale: expected a finite number, got \(scale)")
  }

  @Test func `no ids give no rows`() throws {
    #expect(try TokenEmbedding(weight: Tensor(rows: [[1, 2]]))([]).shape == [0, 2])
  }
}
