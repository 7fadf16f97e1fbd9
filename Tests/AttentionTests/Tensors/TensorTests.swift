import Attention
import Testing

@Suite struct TensorTests {
  @Test func `a negative dimension is refused by name`() {
    #expect(throws: AttentionError.self) { try Tensor(shape: [2, -1], repeating: 0) }
  }
}
