import Foundation

/// The processors that this process may use: its affinity mask and its control groups' quotas, not
/// the machine's size.
enum AvailableProcessors {
  /// The processors whose time this process is granted, at least 1; read once.
  static let count = max(1, min(affinity, ControlGroups.quota(read: contents) ?? .max))

  /// The processors on which it may run, at least 1; read once. Foundation counts the mask on Linux.
  static let affinity = max(1, ProcessInfo.processInfo.activeProcessorCount)

  private static func contents(ofFile path: String) -> String? {
    try? String(contentsOfFile: path, encoding: .utf8)
  }
}
