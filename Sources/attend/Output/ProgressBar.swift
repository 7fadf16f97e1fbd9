import Foundation

/// How far a long piece of work has come, on standard error, when that is a terminal.
///
/// Nothing is shown for the first second: short work needs no bar.
struct ProgressBar {
  private let start = ContinuousClock.now
  private var lastDrawn = ContinuousClock.now
  private var isShown = false
  private static let width = 30

  /// Shows that `count` things are done, and which share of the whole that is if it is known.
  mutating func update(count: Int, of unit: String, share: Double?) {
    let now = ContinuousClock.now
    guard StandardError.isTerminal, now - start > .seconds(1),
      now - lastDrawn > .milliseconds(100)
    else { return }
    lastDrawn = now
    isShown = true
    let seconds = Double((now - start).components.seconds)
    let rate = "\(count) \(unit), \(Int(Double(count) / max(seconds, 1)))/s"
    guard let share else {
      StandardError.write("\r\u{1B}[K\(rate)", terminator: "")
      return
    }
    let filled = Int(min(max(share, 0), 1) * Double(Self.width))
    let bar =
      String(repeating: "█", count: filled) + String(repeating: "░", count: Self.width - filled)
    StandardError.write("\r\u{1B}[K\(bar) \(Int(share * 100)) %  \(rate)", terminator: "")
  }

  /// Takes the bar away.
  func finish() {
    if isShown { StandardError.write("\r\u{1B}[K", terminator: "") }
  }
}
