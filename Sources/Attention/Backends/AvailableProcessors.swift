import Foundation

/// The processors that this process may use: its affinity mask and its control group's quota, not
/// the machine's size.
enum AvailableProcessors {
  /// At least 1; read once.
  static let count = max(1, min(affinity, quota() ?? Int.max))

  /// Foundation counts the affinity mask on Linux.
  private static var affinity: Int { ProcessInfo.processInfo.activeProcessorCount }

  /// What `cpu.max` of the version 2 control group grants, rounded up: "QUOTA PERIOD" or "max PERIOD".
  private static func quota() -> Int? {
    guard let text = try? String(contentsOfFile: "/sys/fs/cgroup/cpu.max", encoding: .utf8) else {
      return nil
    }
    return processors(granted: text)
  }

  /// The whole processors in the text of a `cpu.max` file; nil for "max" or anything malformed.
  static func processors(granted text: String) -> Int? {
    let fields = text.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
    guard fields.count == 2, fields[0] > 0, fields[1] > 0 else { return nil }
    return (fields[0] - 1) / fields[1] + 1
  }
}
