import Foundation

/// The processors that this process may use, according to its affinity mask and its cgroup quotas,
/// not the size of the machine.
package enum AvailableProcessors {
  /// The number of processors within affinity mask and quota, at least 1. Read once.
  package static let count = max(1, min(affinity, ControlGroups.quota(read: contents) ?? .max))

  /// The number of processors in the affinity mask, at least 1. Read once.
  ///
  /// On Linux, Foundation returns the processor count of the machine, and Swift does not import the
  /// system call that reads the mask. Therefore this property reads `/proc/self/status`.
  static let affinity = max(
    1,
    contents(ofFile: "/proc/self/status").flatMap(allowed)
      ?? ProcessInfo.processInfo.activeProcessorCount)

  /// The number of processors in the mask of `/proc/self/status`; nil if the text is malformed.
  static func allowed(status: String) -> Int? {
    let name = "Cpus_allowed_list:"
    guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix(name) }) else {
      return nil
    }
    var count = 0
    for range in line.dropFirst(name.count).split(separator: ",") {
      let ends = range.split(separator: "-", omittingEmptySubsequences: false).map {
        Int($0.filter { !$0.isWhitespace })
      }
      guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1],
        first >= 0, first <= last, last < 1 << 20
      else { return nil }
      count += last - first + 1
    }
    return count > 0 ? count : nil
  }

  private static func contents(ofFile path: String) -> String? {
    try? String(contentsOfFile: path, encoding: .utf8)
  }
}
