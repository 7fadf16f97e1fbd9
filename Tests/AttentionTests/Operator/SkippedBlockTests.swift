import Attention
import Synchronization
import TestSupport
import Testing

/// Blocks that a mask hides entirely are not computed. The tests count multiplications.
@Suite struct SkippedBlockTests {
  /// Counts the multiplications of matrix products.
  final class CountingKernels: Kernels {
    let count = Atomic(0)

    func multiply(_ product: MatrixProduct) throws {
      count.add(product.m * product.n * product.k, ordering: .relaxed)
      try PortableKernels().multiply(product)
    }

    func multiply(_ product: PanelProduct) {
      count.add(product.m * product.n * product.k, ordering: .relaxed)
      PortableKernels().multiply(product)
    }
  }

  private func multiplications(
    _ mask: AttentionMask, length: Int, lengths: [Int]? = nil, isBackward: Bool = false
  ) throws -> Int {
    let x = try OperatorCase(
      queryCount: length, keyCount: length, headCount: 1, keyValueHeadCount: 1, keyDimension: 4,
      valueDimension: 4
    ).arguments()
    let options = AttentionOptions(mask: mask, lengths: lengths)
    let result = try attention(
      queries: x.queries, keys: x.keys, values: x.values, options: options,
      returning: .logSumExp, on: .portable)
    let kernels = CountingKernels()
    let backend = Backend(name: "counting", kernels: kernels)
    if isBackward {
      _ = try attentionGradients(
        of: x.queries, queries: x.queries, keys: x.keys, values: x.values, options: options,
        result: result, on: backend)
    } else {
      _ = try attention(
        queries: x.queries, keys: x.keys, values: x.values, options: options, on: backend)
    }
    return kernels.count.load(ordering: .relaxed)
  }

  @Test(arguments: [false, true])
  func `a causal mask costs little more than half`(isBackward: Bool) throws {
    let all = try multiplications(.none, length: 2048, isBackward: isBackward)
    let causal = try multiplications(.causal, length: 2048, isBackward: isBackward)
    #expect(Double(causal) < 0.56 * Double(all))
  }

  @Test(arguments: [false, true])
  func `the cost of a window is linear in the length`(isBackward: Bool) throws {
    let window = AttentionMask.window(left: 32, right: 32)
    let short = try multiplications(window, length: 1024, isBackward: isBackward)
    let long = try multiplications(window, length: 4096, isBackward: isBackward)
    #expect(Double(long) < 4.2 * Double(short))
  }

  @Test(arguments: [false, true])
  func `packed sequences cost as much as single ones`(isBackward: Bool) throws {
    let packed = try multiplications(
      .none, length: 1024, lengths: [256, 256, 256, 256], isBackward: isBackward)
    let single = try multiplications(.none, length: 256, isBackward: isBackward)
    #expect(packed == 4 * single)
  }

  @Test func `padding at either end costs nothing`() throws {
    let keep = (0..<2048).map { $0 >= 512 && $0 < 1024 }
    let all = try multiplications(.none, length: 2048)
    let padded = try multiplications(.keys(keep), length: 2048)
    #expect(padded * 4 == all)
  }
}
