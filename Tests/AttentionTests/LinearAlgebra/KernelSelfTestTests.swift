import Attention
import Testing

@Suite struct KernelSelfTestTests {
  @Test(arguments: KernelsUnderTest.multipliers)
  func `correct kernels pass`(_ subject: KernelsUnderTest) {
    let multiply: (MatrixProduct) throws -> Void = subject.kernels.multiply
    #expect(KernelSelfTest.firstFailure { try? multiply($0) } == nil)
  }

  @Test(arguments: BrokenProduct.allCases)
  func `incorrect kernels are found, and the error names the product`(_ broken: BrokenProduct)
    throws
  {
    let failure = try #require(KernelSelfTest.firstFailure(of: broken.multiply))
    #expect(failure.hasPrefix("the product ["))
  }

  @Test(arguments: BrokenProduct.allCases)
  func `a broken library is not used, and one warning names its core`(
    _ broken: BrokenProduct
  ) throws {
    var warnings: [String] = []
    let library = OpenBLAS(
      driver: .init(
        threadMode: .pthreads, coreName: { "Cooperlake" }, setThreadCount: { _ in },
        selectCore: { _ in false }, multiply: broken.multiply),
      processor: nil, warn: { warnings.append($0) })
    #expect(!library.isTrusted)
    #expect(warnings.count == 1)
    #expect(warnings.first?.contains("core Cooperlake") == true)
    #expect(warnings.first?.contains("native backend") == true)

    let identity = StoredMatrix(rows: 17, columns: 17) { $0 == $1 ? 1 : 0 }
    let matrix = StoredMatrix(rows: 17, columns: 17) { Float($0 * 17 + $1) }
    var result = StoredMatrix(rows: 17, columns: 17) { _, _ in .nan }
    try NativeKernels(multiplier: OpenBLASMultiplier(library: library)).multiply(
      identity, matrix, into: &result)
    #expect(result.scalars.dropLast() == matrix.scalars.dropLast())
    #expect(library.callCount == 0)
  }
}
