/// The colors and dashes of a plot, on light and on dark pages.
package enum PlotStyle {
  private struct Colors {
    let page: String
    let text: String
    let faint: String
    let grid: String
    let lines: [String]
  }

  private static let light = Colors(
    page: "#ffffff", text: "#3a3f47", faint: "#6b7480", grid: "#e3e8ee",
    lines: [
      "#2f6fb5", "#c8622b", "#2b8a5b", "#7d4fb3", "#b8860b", "#c23b5a", "#16818f", "#7a6a55",
    ])
  private static let dark = Colors(
    page: "#0d1117", text: "#d0d5dc", faint: "#98a2ae", grid: "#262d36",
    lines: [
      "#6aa9f0", "#f0975a", "#5cc690", "#b694ee", "#e0b84c", "#f07f99", "#4fc0ce", "#c4b298",
    ])

  /// The number of colors.
  package static let colorCount = light.lines.count
  /// The number of dash patterns for peak lines.
  package static let dashCount = 4

  package static let css = """
    text{font:13px system-ui,"DejaVu Sans",sans-serif}
    .title{font-size:17px;font-weight:600}.unit,.note{font-size:12px}.n{font-size:12px}
    .line{fill:none;stroke-width:2;stroke-linejoin:round}.mark{stroke-width:2}
    .peak{fill:none;stroke-width:1.5}.p0{stroke-dasharray:7 5}.p1{stroke-dasharray:2 4}
    .p2{stroke-dasharray:9 4 2 4}.p3{stroke-dasharray:14 6}
    .line.r1{stroke-dasharray:1 4}.line.r2{stroke-dasharray:6 3 1 3}
    \(rules(light))
    @media(prefers-color-scheme:dark){
    \(rules(dark))
    }
    """

  private static func rules(_ colors: Colors) -> String {
    let lines = colors.lines.enumerated().map { index, color in
      ".c\(index){stroke:\(color);fill:\(color)}.c\(index).line{fill:none}"
        + ".c\(index).open{fill:\(colors.page)}"
    }
    return """
      .page{fill:\(colors.page)}text{fill:\(colors.text)}.n,.note,.unit{fill:\(colors.faint)}
      .any{stroke:\(colors.text);fill:\(colors.text)}.any.open{fill:\(colors.page)}
      .grid{stroke:\(colors.grid)}.frame{stroke:\(colors.faint)}.peak{stroke:\(colors.text)}
      \(lines.joined(separator: "\n"))
      """
  }
}
