import Attention
import Synchronization
import Testing

@Suite struct ProcessorCoreTests {
  private static let xeon = """
    processor\t: 0
    vendor_id\t: GenuineIntel
    flags\t\t: fpu sse2 avx avx2 fma avx512f avx512dq avx512cd avx512bw avx512vl
    """
  private static let epyc = """
    processor\t: 0
    vendor_id\t: AuthenticAMD
    flags\t\t: fpu sse2 avx avx2 fma avx512f avx512dq avx512cd avx512bw avx512vl
    """
  private static let old = "vendor_id\t: GenuineIntel\nflags\t\t: fpu sse2 sse4_2 avx"

  @Test func `a processor detected as Prescott gets the best kernels that it supports`() {
    #expect(ProcessorCore.core(betterThan: "Prescott", description: Self.xeon) == "SkylakeX")
    #expect(ProcessorCore.core(betterThan: "Prescott", description: Self.epyc) == "Haswell")
  }

  @Test func `a plausible choice of kernels is kept`() {
    #expect(ProcessorCore.core(betterThan: "Haswell", description: Self.xeon) == nil)
    #expect(ProcessorCore.core(betterThan: "Prescott", description: Self.old) == nil)
    #expect(ProcessorCore.core(betterThan: "Prescott", description: "") == nil)
    #expect(ProcessorCore.core(betterThan: "neoversen1", description: "Features: asimd") == nil)
  }

  /// A library that starts with the Prescott kernels, and is broken for one core.
  private final class Fake: Sendable {
    let core = Mutex("Prescott")
    let brokenCore: String

    init(brokenCore: String) {
      self.brokenCore = brokenCore
    }

    func driver(canSelect: Bool) -> OpenBLAS.Driver {
      .init(
        threadMode: .pthreads, coreName: { self.core.withLock { $0 } }, setThreadCount: { _ in },
        selectCore: { name in
          if canSelect { self.core.withLock { $0 = name } }
          return canSelect
        },
        multiply: { product in
          let isBroken = self.core.withLock { $0 == self.brokenCore }
          if !isBroken { try? PortableKernels().multiply(product) }
        })
    }
  }

  @Test func `a change to better kernels causes no warning`() {
    var warnings: [String] = []
    let library = OpenBLAS(
      driver: Fake(brokenCore: "").driver(canSelect: true), processor: Self.xeon,
      warn: { warnings.append($0) })
    #expect(library.coreName == "SkylakeX")
    #expect(library.isTrusted)
    #expect(warnings.isEmpty)
  }

  @Test func `better kernels are reverted if they compute wrong results`() {
    let library = OpenBLAS(
      driver: Fake(brokenCore: "SkylakeX").driver(canSelect: true), processor: Self.xeon,
      warn: { _ in })
    #expect(library.coreName == "Prescott")
    #expect(library.isTrusted)
  }

  @Test func `a library with fixed kernels is kept, and the warning says what to do`() {
    var warnings: [String] = []
    let library = OpenBLAS(
      driver: Fake(brokenCore: "").driver(canSelect: false), processor: Self.xeon,
      warn: { warnings.append($0) })
    #expect(library.coreName == "Prescott")
    #expect(library.isTrusted)
    #expect(warnings.count == 1)
    #expect(warnings.first?.contains("OPENBLAS_CORETYPE=SkylakeX") == true)
  }
}
