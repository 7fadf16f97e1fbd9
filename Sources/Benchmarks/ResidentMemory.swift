import Attention
import Foundation
import Synchronization

/// Resident memory of this process, as Linux reports it.
package enum ResidentMemory {
  /// The current resident memory, in bytes.
  package static var current: Int? { status("VmRSS") }

  /// The peak resident memory since the start of the process, in bytes.
  package static var peak: Int? {
    peakSinceReset.map { peak in earlierPeak.withLock { max($0, peak) } }
  }

  /// The largest peak before the last `resetPeak()`.
  private static let earlierPeak = Mutex(0)

  /// The peak resident memory since the start or the last `resetPeak()`, in bytes.
  private static var peakSinceReset: Int? {
    if let peak = status("VmHWM") { return peak }
    var usage = rusage()
    guard getrusage(ownUsage, &usage) == 0 else { return nil }
    #if os(Linux)
      return Int(usage.ru_maxrss) * 1024
    #else
      return Int(usage.ru_maxrss)
    #endif
  }

  /// Resets the peak that `peakSinceReset` returns.
  ///
  /// - Returns: false if the system does not support it.
  private static func resetPeak() -> Bool {
    if let peak = peakSinceReset { earlierPeak.withLock { $0 = max($0, peak) } }
    let file = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { return false }
    defer { close(file) }
    return write(file, "5", 1) == 1
  }

  /// The memory that `body` needs beyond the memory in use before it, in bytes; nil if unknown.
  ///
  /// The result does not depend on what ran before. `body` runs twice and the smaller number counts: a
  /// first run also starts threads and loads code and tables, which stay in memory.
  package static func needed(by body: () throws -> Void) rethrows -> Int? {
    guard let first = try neededOnce(by: body), let second = try neededOnce(by: body) else {
      return nil
    }
    return min(first, second)
  }

  private static func neededOnce(by body: () throws -> Void) rethrows -> Int? {
    releaseWorkMemory()
    _ = trim?(0)
    let before = current
    let isReset = resetPeak()
    try body()
    guard isReset, let before, let peak = peakSinceReset else { return nil }
    return max(0, peak - before)
  }

  /// glibc's `malloc_trim`, which returns freed memory to the system. Without it, a run that reuses freed
  /// memory would seem to need none. The function is looked up by name, because no module declares it and
  /// other C libraries lack it.
  private static let trim: (@convention(c) (Int) -> Int32)? = {
    dlsym(nil, "malloc_trim").map { unsafeBitCast($0, to: (@convention(c) (Int) -> Int32).self) }
  }()

  #if canImport(Glibc)
    private static let ownUsage = Int32(RUSAGE_SELF.rawValue)
  #else
    private static let ownUsage = Int32(RUSAGE_SELF)
  #endif

  /// A line such as "VmHWM:     1234 kB".
  private static func status(_ name: String) -> Int? {
    guard let text = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else {
      return nil
    }
    let line = text.split(separator: "\n").first { $0.hasPrefix("\(name):") }
    return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }
      .map { $0 * 1024 }
  }
}
