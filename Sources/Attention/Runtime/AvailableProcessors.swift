import Foundation

/// The processors that this process may use: its affinity mask and its control groups' quotas, not
/// the machine's size.
enum AvailableProcessors {
  /// The processors whose time this process is granted, at least 1; read once.
  static let count = max(1, min(affinity, ControlGroups.quota(read: contents) ?? .max))

  /// The processors on which it may run, at least 1; read once.
  ///
  /// Foundation's count is the machine's on Linux; the call that asks for the mask is not one that
  /// Swift can see.
  static let affinity = max(
    1,
    contents(ofFile: "/proc/self/status").flatMap(allowed)
      ?? ProcessInfo.processInfo.activeProcessorCount)

  /// How many processors the mask in the text of `/proc/self/status` has; nil where it is malformed.
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
