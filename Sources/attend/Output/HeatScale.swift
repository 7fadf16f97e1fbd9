import AttentionCore

/// How a number from 0 to 1 is shown in a cell of a matrix. The smallest numbers look like the background.
enum HeatScale {
  /// Colors for a terminal whose background is known.
  case colors(TerminalBackground)
  /// Bars in the terminal's text color, which are right on any background.
  case bars
  /// Shades without color, for files and pipes.
  case shades

  static var current: HeatScale {
    guard StandardOutput.isColored else { return .shades }
    return TerminalBackground.current.map { .colors($0) } ?? .bars
  }

  /// Twelve steps of the 256-color palette from dark blue to almost white.
  private static let blues = [17, 18, 19, 20, 26, 32, 38, 44, 80, 116, 152, 195]

  /// A cell: `text`, which has the cell's width, on the color; or with a bar or a shade before it.
  ///
  /// - Parameters:
  ///   - weight: the number. Below 0.005, the cell has no color.
  ///   - text: the number as text; empty for a cell without a number.
  ///   - width: the width in columns of the terminal, at least 2.
  func cell(_ weight: Float, _ text: String, width: Int) -> String {
    let weight = min(max(weight, 0), 1)
    let isVisible = weight >= 0.005
    switch self {
    case .colors(let background):
      let cell = padded(text, to: width)
      guard isVisible else { return cell }
      let step = min(Int(weight * 12), 11)
      let color = Self.blues[background == .dark ? step : 11 - step]
      // Black on the light half of the colors, white on the dark half.
      let isLight = background == .dark ? step >= 6 : step < 6
      return "\u{1B}[38;5;\(isLight ? 16 : 231);48;5;\(color)m\(cell)\u{1B}[0m"
    case .bars:
      let bars = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
      return marked(bars[isVisible ? max(1, Int((weight * 8).rounded())) : 0], text, width: width)
    case .shades:
      let shades = ["░", "▒", "▓", "█"]
      return marked(isVisible ? shades[min(Int(weight * 4), 3)] : " ", text, width: width)
    }
  }

  /// The mark and the text; without text, the mark in the whole cell.
  private func marked(_ mark: String, _ text: String, width: Int) -> String {
    guard !text.isEmpty else { return String(repeating: mark, count: width) }
    guard displayWidth(text) < width - 1 else { return padded(text, to: width) }
    return " " + mark + padded(text, to: width - 2)
  }
}
