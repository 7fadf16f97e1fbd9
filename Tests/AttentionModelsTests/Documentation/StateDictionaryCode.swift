import AttentionModels
import Foundation
import Testing

/// The code of the article "Load PyTorch weights from safetensors".
@Suite struct StateDictionaryCode {
  @Test func `tensors are listed and read, and a module becomes a layer`() throws {
    let folder = Fixtures.path("StateDictionary")
    let path = "\(folder)/encoder.safetensors"
    let x = try Tensor(npy: "\(folder)/x.npy")
    var lines: [String] = []
    func print(_ name: String, _ shape: Shape, _ type: SafetensorsType) {
      lines.append("\(name) \(shape) \(type)")
    }

    let weights = try StateDictionary(contentsOf: path)
    for name in weights.names.sorted().prefix(3) {
      let shape = try weights.shape(of: name)
      print(name, shape, try weights.elementType(of: name))
      // layers.0.linear1.bias [4] float16
      // layers.0.linear1.weight [4, 8] float16
      // layers.0.linear2.bias [2] bfloat16
    }
    // always float32
    let matrix = try weights.tensor("layers.0.linear1.weight")
    #expect(
      lines == [
        "layers.0.linear1.bias [4] float16", "layers.0.linear1.weight [4, 8] float16",
        "layers.0.linear2.bias [2] bfloat16",
      ])
    #expect(matrix.shape == [4, 8])

    let attention = try MultiHeadAttention(
      weights, headCount: 2, prefix: "layers.0.self_attn.")
    let output = try attention(x)  // [token, feature], as x
    #expect(output.shape == x.shape)
  }
}
