import Foundation
import Synchronization

/// How far a long piece of work has come, on standard error, when that is a terminal.
///
/// Nothing is shown for the first second: short work needs no bar.
struct ProgressBar {
  private let isWanted: Bool
  private let start = ContinuousClock.now
  private var lastDrawn = ContinuousClock.now
  private static let isShown = Atomic(false)
  private static let width = 30

  /// - Parameter isWanted: whether there is a place for it; it needs a terminal besides.
  init(isWanted: Bool) {
    self.isWanted = isWanted && StandardError.isTerminal
  }

  /// Shows that `count` things are done, and which share of the whole that is if it is known.
  mutating func update(count: Int, of unit: String, share: Double?) {
    let now = ContinuousClock.now
    guard isWanted, now - start > .seconds(1),
      now - lastDrawn > .milliseconds(100)
    else { return }
    lastDrawn = now
    Self.isShown.store(true, ordering: .relaxed)
    let rate = "\(count) \(unit), \(Int(Double(count) / ((now - start) / .seconds(1))))/s"
    // A line that is broken could not be taken away again.
    guard let share, (StandardError.columns ?? 80) > Self.width + rate.count + 10 else {
      StandardError.write("\r\u{1B}[K\(rate)", terminator: "")
      return
    }
    let filled = Int(min(max(share, 0), 1) * Double(Self.width))
    let bar =
      String(repeating: "█", count: filled) + String(repeating: "░", count: Self.width - filled)
    StandardError.write("\r\u{1B}[K\(bar) \(Int(share * 100)) %  \(rate)", terminator: "")
  }

  /// Takes the bar away.
  func finish() { Self.clear() }

  /// Takes away whatever bar there is.
  static func clear() {
    guard isShown.exchange(false, ordering: .relaxed) else { return }
    StandardError.write("\r\u{1B}[K", terminator: "")
  }
}
