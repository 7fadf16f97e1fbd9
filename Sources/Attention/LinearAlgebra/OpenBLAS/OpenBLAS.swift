import Dispatch
import Logging
import Synchronization

/// OpenBLAS, set up once at its first use, and guarded against its known faults.
///
/// | hazard | protection |
/// | --- | --- |
/// | The thread count belongs to the process; changing it races, and overlapping multi-threaded products have corrupted results and hung | set to one, once; parallel work calls it from several threads |
/// | Serial builds may lack locks; OpenMP builds read the calling thread's settings | calls go one after the other, and a warning says so |
/// | More than some 64 concurrent callers exhaust its buffers, and it ends the process | at most 32 are inside, the rest wait |
/// | Without memory for a caller's buffer it tries forever | `BufferMemory` asks first: under a limit one caller is inside at a time, without room the SIMD kernels compute |
/// | A wrong size is printed, and the output left stale | `MatrixProduct` refuses it before |
/// | Sizes wrap at 32 bits | `MatrixProduct` refuses them before |
/// | Empty products, or k = 0, have left C untouched | `OpenBLASMultiplier` scales C itself |
/// | α = 0 and β = 0 over NaN | α = 0 never gets here; β = 0 is part of the self-test |
/// | Kernels that are wrong on one processor family have shipped | the self-test; on a mismatch every product goes to the SIMD kernels, and a warning names the family |
/// | Processors younger than the release get the slowest kernels | `ProcessorCore` names better ones, which the self-test must pass |
/// | A row's bits depend on how many rows are computed with it | nothing: compare with a tolerance |
/// | Computing after a bare `fork` hangs | nothing: start child processes by spawning |
///
/// One hazard remains: code in the same process that sets OpenBLAS's thread count to more than one undoes
/// the first row.
package final class OpenBLAS: Sendable {
  /// The library of this process. The first use takes some ten milliseconds, for the self-test.
  package static let shared = OpenBLAS(
    driver: Driver(
      threadMode: OpenBLASLibrary.threadMode, coreName: { OpenBLASLibrary.coreName },
      setThreadCount: OpenBLASLibrary.setThreadCount, selectCore: ProcessorCore.select,
      multiply: OpenBLASLibrary.multiply),
    processor: ProcessorCore.description, memory: .current,
    warn: { message in Logger(label: "swift-attention").warning("\(message)") })

  /// The functions of the library; tests pass broken ones.
  package struct Driver: Sendable {
    let threadMode: OpenBLASLibrary.ThreadMode?
    let coreName: @Sendable () -> String
    let setThreadCount: @Sendable (Int32) -> Void
    let selectCore: @Sendable (String) -> Bool
    let multiply: @Sendable (MatrixProduct) -> Void

    /// - Parameters:
    ///   - threadMode: the thread mode of the build; nil if it is not known.
    ///   - coreName: the processor family whose kernels are in use.
    ///   - setThreadCount: sets the process-wide thread count.
    ///   - selectCore: changes the kernels in use; false when that cannot be done.
    ///   - multiply: the product, called with nothing empty in it.
    package init(
      threadMode: OpenBLASLibrary.ThreadMode?, coreName: @escaping @Sendable () -> String,
      setThreadCount: @escaping @Sendable (Int32) -> Void,
      selectCore: @escaping @Sendable (String) -> Bool,
      multiply: @escaping @Sendable (MatrixProduct) -> Void
    ) {
      self.threadMode = threadMode
      self.coreName = coreName
      self.setThreadCount = setThreadCount
      self.selectCore = selectCore
      self.multiply = multiply
    }
  }

  /// The concurrent callers where threads are safe.
  package static let entryLimit = 32

  /// The build's thread mode; nil for one that this package does not know.
  package let threadMode: OpenBLASLibrary.ThreadMode?
  /// The processor family whose kernels are in use.
  package let coreName: String
  /// The first wrong product of the self-test; nil if it passed.
  package let selfTestFailure: String?

  /// Whether there is memory for a caller's buffer.
  package let hasMemory: Bool

  private let gemm: @Sendable (MatrixProduct) -> Void
  private let entries: DispatchSemaphore
  private let calls = Atomic<Int>(0)

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
    let isConcurrent = driver.threadMode == .pthreads && memory == .ample
    entries = DispatchSemaphore(value: isConcurrent ? Self.entryLimit : 1)
    driver.setThreadCount(1)
    guard hasMemory else {
      // The self-test would allocate the first buffer.
      selfTestFailure = nil
      coreName = driver.coreName()
      warn(
        """
        OpenBLAS needs some \(BufferMemory.byteCount >> 20) MB for a caller, more than this \
        process may still have. The native backend is used instead.
        """)
      return
    }
    selfTestFailure = Self.chooseCore(driver: driver, processor: processor, warn: warn)
    coreName = driver.coreName()
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
        The native backend is used instead.
        """)
    }
  }

  /// Selects the kernels for this processor: better ones than the library chose, if there are any that pass
  /// the self-test; otherwise those that the library chose.
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

  /// The number of products that the library computed, without those of the self-test.
  package var callCount: Int { calls.load(ordering: .relaxed) }

  /// Whether the library may be entered: it has memory, and its products passed the self-test.
  package var isTrusted: Bool { hasMemory && selfTestFailure == nil }

  /// One product, which must not be empty, by the library.
  func multiply(_ product: MatrixProduct) {
    calls.add(1, ordering: .relaxed)
    withEntry { gemm(product) }
  }

  /// Calls `body` as one of the limited number of concurrent callers. LAPACK calls the same library and
  /// enters here too. Must not be nested.
  func withEntry<Result>(_ body: () throws -> Result) rethrows -> Result {
    entries.wait()
    defer { entries.signal() }
    return try body()
  }
}
