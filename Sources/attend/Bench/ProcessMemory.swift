import Foundation

/// How much memory this process has in use, as Linux counts it.
enum ProcessMemory {
  /// Now, in bytes.
  static var resident: Int? { status("VmRSS") }

  /// At most, since the start or the last `resetPeak()`, in bytes.
  static var peak: Int? {
    if let peak = status("VmHWM") { return peak }
    var usage = rusage()
    guard getrusage(ownUsage, &usage) == 0 else { return nil }
    #if os(Linux)
      return Int(usage.ru_maxrss) * 1024
    #else
      return Int(usage.ru_maxrss)
    #endif
  }

  /// Lets `peak` count from now on.
  ///
  /// - Returns: whether the system can.
  static func resetPeak() -> Bool {
    let file = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { return false }
    defer { close(file) }
    return write(file, "5", 1) == 1
  }

  /// What `body` needs beyond what was in use before it, in bytes; nil where that cannot be known.
  static func needed(by body: () throws -> Void) rethrows -> Int? {
    _ = trim?(0)
    let before = resident
    let isReset = resetPeak()
    try body()
    guard isReset, let before, let peak else { return nil }
    return max(0, peak - before)
  }

  /// Gives the system what earlier work gave back to the allocator, as that would hide what is needed;
  /// glibc's alone, and in no module.
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
