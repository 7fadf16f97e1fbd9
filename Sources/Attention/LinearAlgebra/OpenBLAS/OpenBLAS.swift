import Dispatch
import Logging
import Synchronization

/// OpenBLAS, set up once at its first use, with protection against its known faults.
///
/// | hazard | protection |
/// | --- | --- |
/// | The thread count belongs to the process; changing it races, and overlapping multi-threaded products have corrupted results and hung | it is set to one, once; parallel code calls the library from several threads |
/// | Serial builds may lack locks; OpenMP builds read the calling thread's settings | calls are made one at a time, with a warning |
/// | More than about 64 concurrent callers exhaust its buffers, which ends the process | at most 32 concurrent callers; the others wait. Small-matrix kernels use no buffer and do not wait |
/// | It retries a failed buffer allocation forever | `BufferMemory` checks first: with limited memory, one caller at a time; without memory, the SIMD kernels compute |
/// | For an invalid size it prints a message and leaves the output unchanged | `MatrixProduct` checks the sizes first |
/// | Sizes wrap at 32 bits | `MatrixProduct` checks the sizes first |
/// | Some releases leave C unchanged for empty products or k = 0 | `OpenBLASMultiplier` scales C itself |
/// | α = 0 or β = 0 may keep NaN | products with α = 0 never reach it; the self-test covers β = 0 |
/// | Some releases have wrong kernels for one processor family | the self-test; on a mismatch, the SIMD kernels compute every product, and a warning names the family |
/// | Processors newer than the release get the slowest kernels | `ProcessorCore` selects better ones, which must pass the self-test |
/// | A row's bits depend on how many rows are computed with it | layers and attention call small-matrix kernels with a multiple of 16 columns, for which they do not; general products: none |
/// | Products hang after a bare `fork` | none: start child processes by spawning |
///
/// One hazard remains: other code in the process can set OpenBLAS's thread count to more than one,
/// which undoes the protection in the first row.
package final class OpenBLAS: Sendable {
  /// The library of this process. The first use takes about a millisecond, for the self-test.
  package static let shared = OpenBLAS(
    driver: Driver(
      threadMode: OpenBLASLibrary.threadMode, coreName: { OpenBLASLibrary.coreName },
      setThreadCount: OpenBLASLibrary.setThreadCount, selectCore: ProcessorCore.select,
      hasSmallKernels: OpenBLASLibrary.hasSmallKernels, multiply: OpenBLASLibrary.multiply),
    processor: ProcessorCore.description, memory: .current,
    warn: { message in Logger(label: "swift-attention").warning("\(message)") })

  /// The functions of the library; tests pass broken ones.
  package struct Driver: Sendable {
    let threadMode: OpenBLASLibrary.ThreadMode?
    let coreName: @Sendable () -> String
    let setThreadCount: @Sendable (Int32) -> Void
    let selectCore: @Sendable (String) -> Bool
    let hasSmallKernels: @Sendable (String) -> Bool
    let multiply: @Sendable (MatrixProduct) -> Void

    /// - Parameters:
    ///   - threadMode: the thread mode of the build; nil if unknown.
    ///   - coreName: the processor family whose kernels are in use.
    ///   - setThreadCount: sets the process-wide thread count.
    ///   - selectCore: changes the kernels in use; returns false if the build cannot change them.
    ///   - hasSmallKernels: whether the build has small-matrix kernels for a core.
    ///   - multiply: computes a product that is not empty.
    package init(
      threadMode: OpenBLASLibrary.ThreadMode?, coreName: @escaping @Sendable () -> String,
      setThreadCount: @escaping @Sendable (Int32) -> Void,
      selectCore: @escaping @Sendable (String) -> Bool,
      hasSmallKernels: @escaping @Sendable (String) -> Bool = { _ in true },
      multiply: @escaping @Sendable (MatrixProduct) -> Void
    ) {
      self.threadMode = threadMode
      self.coreName = coreName
      self.setThreadCount = setThreadCount
      self.selectCore = selectCore
      self.hasSmallKernels = hasSmallKernels
      self.multiply = multiply
    }
  }

  /// The maximum number of concurrent callers of a thread-safe build.
  package static let entryLimit = 32

  /// The build's thread mode; nil if this package does not know it.
  package let threadMode: OpenBLASLibrary.ThreadMode?
  /// The processor family whose kernels are in use.
  package let coreName: String
  /// The first wrong product of the self-test; nil if it passed.
  package let selfTestFailure: String?

  /// Whether there is memory for a caller's buffer.
  package let hasMemory: Bool

  /// The blocks of products for the kernels in use.
  package let plan: BLASPlan

  private let gemm: @Sendable (MatrixProduct) -> Void
  private let entries: DispatchSemaphore
  private let calls = StripedCounter()
  /// Whether concurrent calls without a buffer are safe.
  private let isConcurrent: Bool

  /// Sets the library up and tests it.
  ///
  /// - Parameters:
  ///   - processor: `/proc/cpuinfo`; nil to keep the kernels that the library chose.
  ///   - memory: the memory for its buffers.
  ///   - warn: receives each warning.
  package init(
    driver: Driver, processor: String?, memory: BufferMemory = .ample, warn: (String) -> Void
  ) {
    threadMode = driver.threadMode
    gemm = driver.multiply
    hasMemory = memory != .denied
    isConcurrent = driver.threadMode == .pthreads
    entries = DispatchSemaphore(value: isConcurrent && memory == .ample ? Self.entryLimit : 1)
    driver.setThreadCount(1)
    guard hasMemory else {
      // The self-test would allocate the first buffer.
      selfTestFailure = nil
      coreName = driver.coreName()
      plan = BLASPlan(core: coreName)
      warn(
        """
        OpenBLAS needs \(BufferMemory.byteCount >> 20) MB of memory per caller, more than this \
        process can allocate. The native backend is used instead.
        """)
      return
    }
    selfTestFailure = Self.chooseCore(driver: driver, processor: processor, warn: warn)
    coreName = driver.coreName()
    plan = BLASPlan(
      core: coreName, isBuiltWithSmallKernels: driver.hasSmallKernels(coreName))
    if threadMode != .pthreads {
      let mode = threadMode.map { "\($0)" } ?? "unknown"
      warn(
        """
        OpenBLAS was built with thread mode \(mode), so calls are made one at a time. \
        Install the build with POSIX threads (Debian: libopenblas0-pthread) to compute on all cores.
        """)
    }
    if let selfTestFailure {
      warn(
        """
        OpenBLAS computes wrong results on this processor (core \(coreName)): \(selfTestFailure). \
        The native backend is used instead.
        """)
    }
  }

  /// Selects the kernels for this processor: better ones than the library chose, if they pass the
  /// self-test; otherwise the library's choice.
  ///
  /// - Returns: the first wrong product of the selected kernels; nil if they pass.
  private static func chooseCore(
    driver: Driver, processor: String?, warn: (String) -> Void
  ) -> String? {
    let chosen = driver.coreName()
    if let processor,
      let better = ProcessorCore.core(betterThan: chosen, description: processor)
    {
      if driver.selectCore(better) {
        if KernelSelfTest.firstFailure(of: driver.multiply) == nil { return nil }
        _ = driver.selectCore(chosen)
      } else {
        warn(
          """
          OpenBLAS does not know this processor and uses its kernels for \(chosen), which are \
          several times slower. Start the process with OPENBLAS_CORETYPE=\(better).
          """)
      }
    }
    return KernelSelfTest.firstFailure(of: driver.multiply)
  }

  /// The number of products that the library computed, not counting the self-test.
  package var callCount: Int { calls.value }

  /// Whether the library may be used: it has memory, and its products passed the self-test.
  package var isTrusted: Bool { hasMemory && selfTestFailure == nil }

  /// Computes one product, which must not be empty, with the library.
  func multiply(_ product: MatrixProduct) {
    calls.increment()
    if isConcurrent, plan.isSmall(product) {
      gemm(product)
    } else {
      withEntry { gemm(product) }
    }
  }

  /// Calls `body` as one of the limited number of concurrent callers. LAPACK calls the same library
  /// and uses this method, too. Calls must not be nested.
  func withEntry<Result>(_ body: () throws -> Result) rethrows -> Result {
    entries.wait()
    defer { entries.signal() }
    return try body()
  }
}
