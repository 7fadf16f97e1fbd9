import Foundation

/// Maps numbers to pixels, with ticks at round numbers.
package struct PlotAxis {
  /// The values of the ticks, in ascending order.
  package let ticks: [Double]
  private let position: (Double) -> Double

  /// The position of `value` in pixels.
  package func callAsFunction(_ value: Double) -> Double { position(value) }

  /// A linear axis from 0 to a little above `largest`, with ticks in steps of 1, 2 or 5 times a power of
  /// ten.
  package static func linear(upTo largest: Double, from start: Double, to end: Double) -> PlotAxis {
    let top = max(largest, .leastNormalMagnitude) * 1.08
    let unit = pow(10, floor(log10(top)))
    let step =
      [0.1, 0.2, 0.5, 1, 2].map { $0 * unit }.first { top / $0 <= 6 } ?? unit
    return PlotAxis(ticks: Array(stride(from: 0, through: top, by: step))) {
      start + (end - start) * $0 / top
    }
  }

  /// A logarithmic axis from the smallest to the largest of `values`, with ticks at powers of two, about
  /// ten at most.
  package static func doublings(of values: [Double], from start: Double, to end: Double) -> PlotAxis
  {
    let logarithms = values.filter { $0 > 0 }.map { log2($0) }
    var low = floor(logarithms.min() ?? 0)
    var high = ceil(logarithms.max() ?? 1)
    if low == high { (low, high) = (low - 1, high + 1) }
    let step = ceil((high - low) / 10)
    // A margin on both sides, so that no marker is on the frame.
    let (first, last) = (low - 0.4, high + 0.4)
    return PlotAxis(ticks: stride(from: max(low, 0), through: high, by: step).map { pow(2, $0) }) {
      start + (end - start) * (log2($0) - first) / (last - first)
    }
  }
}
