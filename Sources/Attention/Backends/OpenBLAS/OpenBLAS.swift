import Dispatch
import Logging
import Synchronization

/// OpenBLAS as this package enters it: set up once, at first use, and guarded against what it is
/// known to do wrong.
///
/// | hazard | what happens here |
/// | --- | --- |
/// | The thread count belongs to the process; changing it races, and overlapping multi-threaded products have corrupted results and hung | set to one, once; whoever wants parallelism calls from several threads |
/// | Serial builds may lack locks; OpenMP builds read the calling thread's settings | calls go one after the other, and a warning says so |
/// | More than some 64 concurrent callers exhaust its buffers, and it ends the process | at most 32 are inside, the rest wait |
/// | A wrong size is printed, and the output left stale | `MatrixProduct` refuses it before |
/// | Sizes wrap at 32 bits | `MatrixProduct` refuses them before |
/// | Empty products, or k = 0, have left C untouched | `OpenBLASKernels` scales C itself |
/// | α = 0 and β = 0 over NaN | α = 0 never gets here; β = 0 is part of the self-test |
/// | Kernels that are wrong on one processor family have shipped | the self-test; on a mismatch every product goes to `PortableKernels`, and a warning names the family |
/// | A row's bits depend on how many rows are computed with it | nothing: compare with a tolerance |
/// | Computing after a bare `fork` hangs | nothing: start child processes by spawning |
///
/// One hazard stays with the caller: code in the same process that sets OpenBLAS's thread count to
/// more than one undoes the first row.
package final class OpenBLAS: Sendable {
  /// The library of this process. The first use takes a few milliseconds, for the self-test.
  package static let shared = OpenBLAS(
    threadMode: OpenBLASLibrary.threadMode, coreName: OpenBLASLibrary.coreName,
    setUp: { OpenBLASLibrary.setThreadCount(1) }, multiply: OpenBLASLibrary.multiply,
    warn: { message in Logger(label: "swift-attention").warning("\(message)") })

  /// How many callers may be inside at once when threads are safe.
  package static let entryLimit = 32

  /// The build's thread mode; nil for one that this package does not know.
  package let threadMode: OpenBLASLibrary.ThreadMode?
  /// The processor family whose kernels were chosen at run time.
  package let coreName: String
  /// What the self-test found wrong; nil when the library's products are used.
  package let selfTestFailure: String?

  private let gemm: @Sendable (MatrixProduct) -> Void
  private let entries: DispatchSemaphore
  private let calls = Atomic<Int>(0)

  /// A library with the given properties; tests pass broken ones.
  ///
  /// - Parameters:
  ///   - setUp: runs once before the first product.
  ///   - multiply: the product, called with nothing empty in it.
  ///   - warn: takes each line that somebody should read.
  package init(
    threadMode: OpenBLASLibrary.ThreadMode?, coreName: String, setUp: () -> Void,
    multiply: @escaping @Sendable (MatrixProduct) -> Void, warn: (String) -> Void
  ) {
    self.threadMode = threadMode
    self.coreName = coreName
    self.gemm = multiply
    entries = DispatchSemaphore(value: threadMode == .pthreads ? Self.entryLimit : 1)
    setUp()
    selfTestFailure = KernelSelfTest.firstFailure(of: multiply)
    if threadMode != .pthreads {
      let mode = threadMode.map { "\($0)" } ?? "unknown"
      warn(
        """
        OpenBLAS is a build of thread mode \(mode): its calls are made one at a time. The build \
        with POSIX threads (Debian: libopenblas0-pthread) computes on all cores.
        """)
    }
    if let selfTestFailure {
      warn(
        """
        OpenBLAS computes wrongly on this processor (core \(coreName)): \(selfTestFailure). \
        The portable backend is used in its place.
        """)
    }
  }

  /// How many products the library itself has computed, the self-test's not counted.
  package var callCount: Int { calls.load(ordering: .relaxed) }

  /// Whether the library's products passed the self-test.
  package var isTrusted: Bool { selfTestFailure == nil }

  /// One product, which must not be empty, by the library.
  func multiply(_ product: MatrixProduct) {
    calls.add(1, ordering: .relaxed)
    withEntry { gemm(product) }
  }

  /// Calls `body` as one of the callers that may be inside the library at once. LAPACK, which
  /// computes with the same library, enters here too. Must not be nested.
  func withEntry<Result>(_ body: () throws -> Result) rethrows -> Result {
    entries.wait()
    defer { entries.signal() }
    return try body()
  }
}
