import Foundation
import Synchronization

/// A progress bar on standard error, if that is a terminal. It appears after one second.
struct ProgressBar {
  private let isWanted: Bool
  private let start = ContinuousClock.now
  private var lastDrawn = ContinuousClock.now
  private static let isShown = Atomic(false)
  private static let width = 30

  /// - Parameter isWanted: false if the results themselves show the progress.
  init(isWanted: Bool) {
    self.isWanted = isWanted && StandardError.isTerminal
  }

  /// Shows the progress.
  ///
  /// - Parameters:
  ///   - count: the number of units done.
  ///   - unit: the plural name of the units, such as "texts".
  ///   - share: the fraction of the work done; nil if unknown.
  mutating func update(count: Int, of unit: String, share: Double?) {
    let now = ContinuousClock.now
    guard isWanted, now - start > .seconds(1),
      now - lastDrawn > .milliseconds(100)
    else { return }
    lastDrawn = now
    Self.isShown.store(true, ordering: .relaxed)
    let text = Self.text(
      count: count, of: unit, share: share, seconds: (now - start) / .seconds(1),
      columns: StandardError.columns ?? 80)
    StandardError.write("\r\u{1B}[K\(text)", terminator: "")
  }

  /// The line of the bar, such as "███░░░ 50 %  6 rows, about 12 s left".
  ///
  /// - Parameters:
  ///   - seconds: the time since the start.
  ///   - columns: the width of the terminal. The line must not wrap, because a wrapped line cannot be erased:
  ///     without room, the bar and then the remaining time are omitted.
  static func text(
    count: Int, of unit: String, share: Double?, seconds: Double, columns: Int
  ) -> String {
    let perSecond = Int(Double(count) / seconds)
    let rate = "\(count) \(unit)" + (perSecond > 0 ? ", \(perSecond)/s" : "")
    guard let share = share.map({ min(max($0, 0), 1) }) else { return rate }
    let percent = "\(Int(share * 100)) %"
    var text = "\(percent)  \(rate)"
    if share > 0, share < 1 {
      let left = ", \(duration(seconds * (1 - share) / share)) left"
      if text.count + left.count < columns { text += left }
    }
    guard width + 1 + text.count < columns else { return text.count < columns ? text : rate }
    let filled = Int(share * Double(width))
    return String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
      + " " + text
  }

  /// An approximate time such as "about 12 s".
  private static func duration(_ seconds: Double) -> String {
    switch seconds {
    case ..<90: "about \(Int(seconds.rounded(.up))) s"
    case ..<5_400: "about \(Int((seconds / 60).rounded())) min"
    case ..<360_000: "about \(Int((seconds / 3_600).rounded())) h"
    default: "days"
    }
  }

  /// Erases the bar.
  func finish() { Self.clear() }

  /// Erases the bar of the process, if one is shown.
  static func clear() {
    guard isShown.exchange(false, ordering: .relaxed) else { return }
    StandardError.write("\r\u{1B}[K", terminator: "")
  }
}
