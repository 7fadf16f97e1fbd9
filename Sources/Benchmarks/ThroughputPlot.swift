import Attention

/// A plot of throughput against length, with the machine's peak as dashed lines.
///
/// The legend is to the right of the plot, so that no marker covers a label.
package struct ThroughputPlot {
  /// The rows of one series with one backend and one number of threads.
  private struct Line {
    let color: Int
    let mark: Int
    var rows: [BenchRow] = []
  }

  private let title: String
  private let lengthName: String
  private let notes: [String]
  private let lines: [Line]
  /// The meaning of each color.
  private let kinds: [String]
  /// The meaning of each marker.
  private let threadCounts: [Int]
  private let peaks: [(threads: Int, gflops: Double)]
  private let x: PlotAxis
  private let y: PlotAxis

  private static let (left, right, top, bottom) = (64.0, 690.0, 116.0, 466.0)
  private static let legendLeft = right + 28
  private static let legendText = legendLeft + 34
  private static let legendLine = 24.0

  /// - Parameter lengthName: the label of the horizontal axis.
  package init(title: String, lengthName: String, report: BenchReport) {
    let rows = report.rows.filter { $0.flops != nil }
    let backends = Set(rows.compactMap(\.backend)).sorted()
    let shared = Self.sharedParts(of: rows)
    self.title =
      ([title] + shared.filter { !$0.isAlwaysInLegend }.map(\.text)).joined(separator: ", ")
    self.lengthName = lengthName
    threadCounts = Set(rows.map(\.threads)).sorted()
    let backend = backends.count == 1 ? ["backend \(backends[0])"] : []
    let threads = threadCounts.count == 1 ? [counted(threadCounts[0], "thread")] : []
    notes = [
      (backend + threads + ["median of \(report.repetition)"]).joined(separator: ", "),
      "\(report.machine.processor), OpenBLAS \(report.machine.openBLASVersion) "
        + "(\(report.machine.openBLASCore)), attend \(report.machine.version)",
    ]
    (kinds, lines) = Self.lines(of: rows, threadCounts) { row in
      let parts = row.benchCase.series.parts.filter { $0.isAlwaysInLegend || !shared.contains($0) }
      let backend = backends.count > 1 ? [row.backend ?? ""] : []
      return (parts.map(\.text) + backend).joined(separator: ", ")
    }
    peaks = report.peaks.sorted { $0.key < $1.key }.map { ($0.key, $0.value / 1e9) }
    let speeds = rows.compactMap { $0.flops.map { $0 / 1e9 } } + peaks.map(\.gflops)
    x = .doublings(
      of: rows.map { Double($0.benchCase.length) }, from: Self.left, to: Self.right)
    y = .linear(upTo: speeds.max() ?? 1, from: Self.bottom, to: Self.top)
  }

  /// The parts of the series that all rows share, for the title.
  private static func sharedParts(of rows: [BenchRow]) -> [BenchSeries.Part] {
    (rows.first?.benchCase.series.parts ?? []).filter { part in
      rows.allSatisfy { $0.benchCase.series.parts.contains(part) }
    }
  }

  /// The lines of a plot: a color for each series and backend, a marker for each number of threads.
  private static func lines(
    of rows: [BenchRow], _ threadCounts: [Int], kind: (BenchRow) -> String
  ) -> (kinds: [String], lines: [Line]) {
    var (kinds, lines): ([String], [Line]) = ([], [])
    for row in rows {
      let kind = kind(row)
      if !kinds.contains(kind) { kinds.append(kind) }
      let color = kinds.firstIndex(of: kind) ?? 0
      let mark = threadCounts.firstIndex(of: row.threads) ?? 0
      let index = lines.firstIndex { $0.color == color && $0.mark == mark }
      if index == nil { lines.append(Line(color: color, mark: mark)) }
      lines[index ?? lines.count - 1].rows.append(row)
    }
    return (kinds, lines)
  }

  /// The width that the title, the notes and the legend need.
  private var width: Double {
    let title = Self.left + 9.6 * Double(displayWidth(title))
    let notes = notes.map { Self.left + 6.8 * Double(displayWidth($0)) }
    let entries = legendEntries.map { Self.legendText + 7.4 * Double(displayWidth($0.text)) }
    return ((notes + entries + [title, 840]).max() ?? 840).rounded(.up) + 24
  }

  /// The height that the plot and the legend need.
  private var height: Double {
    let entries = legendEntries
    return max(Self.bottom + 64, entries.last.map { legendTop($0.row) + 32 } ?? 0)
  }

  package var svg: String {
    let (width, height) = (Int(width), Int(height))
    return
      ([
        #"<svg xmlns="http://www.w3.org/2000/svg" width="\#(width)" height="\#(height)" "#
          + #"viewBox="0 0 \#(width) \#(height)" role="img">"#,
        "<title>\(escaped(title))</title>", "<style>\(PlotStyle.css)</style>",
        #"<rect class="page" width="100%" height="100%" rx="8"/>"#,
        text(title, Self.left, 34, class: "title", anchor: "start"),
      ]
      + notes.enumerated().map {
        text($1, Self.left, 56 + 18 * Double($0), class: "note", anchor: "start")
      }
      + axes + peakLines + lines.flatMap(drawn) + legend + ["</svg>", ""])
      .joined(separator: "\n")
  }

  private var axes: [String] {
    var parts = [
      text("GFLOP/s", Self.left - 10, Self.top - 10, class: "unit", anchor: "end"),
      text(
        lengthName, (Self.left + Self.right) / 2, Self.bottom + 42,
        class: "unit"),
    ]
    for tick in y.ticks {
      parts.append(stroke("grid", (Self.left, y(tick)), (Self.right, y(tick))))
      parts.append(text(round(tick), Self.left - 10, y(tick) + 4, class: "n", anchor: "end"))
    }
    for tick in x.ticks {
      parts.append(stroke("frame", (x(tick), Self.bottom), (x(tick), Self.bottom + 5)))
      parts.append(text(round(tick), x(tick), Self.bottom + 20, class: "n"))
    }
    parts.append(stroke("frame", (Self.left, Self.bottom), (Self.right, Self.bottom)))
    return parts
  }

  private var peakLines: [String] {
    peaks.enumerated().map { index, peak in
      stroke(peakStyle(index), (Self.left, y(peak.gflops)), (Self.right, y(peak.gflops)))
    }
  }

  /// The style of a peak line: a dash pattern for each number of threads.
  private func peakStyle(_ index: Int) -> String { "peak p\(index % PlotStyle.dashCount)" }

  private func drawn(_ line: Line) -> [String] {
    let points = line.rows.compactMap { row in
      row.flops.map { flops in (x: x(Double(row.benchCase.length)), y: y(flops / 1e9), row: row) }
    }.sorted { ($0.x, -$0.y) < ($1.x, -$1.y) }
    let path = points.map { "\(round($0.x)),\(round($0.y))" }.joined(separator: " ")
    let marks = points.map { point in
      mark(line.mark, color(line.color), point.x, point.y, note: note(on: point.row))
    }
    return [#"<polyline class="line \#(color(line.color))" points="\#(path)"/>"#] + marks
  }

  /// The tooltip of a marker.
  private func note(on row: BenchRow) -> String {
    let share = row.peakShare.map { ", \(String(100 * $0, digits: 0)) % of the peak" } ?? ""
    return
      "\(row.benchCase.name), threads \(row.threads): \(String((row.flops ?? 0) / 1e9, digits: 1)) GFLOP/s\(share)"
  }

  /// A line of the legend: a sample and its meaning.
  private struct LegendEntry {
    enum Sample {
      case kind(Int)
      case threads(Int)
      case peak(Int)
    }

    let sample: Sample
    let text: String
    /// The line of the legend, with half lines between groups.
    let row: Double
  }

  /// The colors, the markers if there is more than one kind, and the peaks.
  private var legendEntries: [LegendEntry] {
    var groups: [[(LegendEntry.Sample, String)]] = []
    if kinds != [""] { groups.append(kinds.enumerated().map { (.kind($0), $1) }) }
    if threadCounts.count > 1 || kinds == [""] {
      groups.append(threadCounts.enumerated().map { (.threads($0), counted($1, "thread")) })
    }
    groups.append(
      peaks.enumerated().map { index, peak in
        let rate = String(peak.gflops, digits: 0)
        return (.peak(index), "sgemm peak, \(counted(peak.threads, "thread")): \(rate)")
      })
    var entries: [LegendEntry] = []
    var row = 0.0
    for group in groups where !group.isEmpty {
      for (sample, text) in group {
        entries.append(LegendEntry(sample: sample, text: text, row: row))
        row += 1
      }
      row += 0.5
    }
    return entries
  }

  private func legendTop(_ row: Double) -> Double { Self.top + 8 + Self.legendLine * row }

  private var legend: [String] {
    legendEntries.flatMap { entry in
      let y = legendTop(entry.row)
      let (start, end) = ((x: Self.legendLeft, y: y), (x: Self.legendLeft + 26, y: y))
      let sample: [String]
      switch entry.sample {
      case .kind(let index):
        sample = [
          stroke("line \(color(index))", start, end),
          mark(0, color(index), Self.legendLeft + 13, y, note: nil),
        ]
      case .threads(let index):
        sample = [mark(index, "any", Self.legendLeft + 13, y, note: nil)]
      case .peak(let index): sample = [stroke(peakStyle(index), start, end)]
      }
      return sample + [text(entry.text, Self.legendText, y + 4, class: "name", anchor: "start")]
    }
  }

  /// The CSS class of a color. Series beyond the number of colors get dotted lines.
  private func color(_ index: Int) -> String {
    let round = index / PlotStyle.colorCount
    return "c\(index % PlotStyle.colorCount)" + (round == 0 ? "" : " r\(min(round, 2))")
  }

  // MARK: - Elements

  /// The markers in order: a filled circle, an open circle, a filled square, an open square.
  private func mark(
    _ shape: Int, _ color: String, _ x: Double, _ y: Double, note: String?
  ) -> String {
    let style = "mark \(color)\(shape % 2 == 1 ? " open" : "")"
    let inside = note.map { "<title>\(escaped($0))</title>" } ?? ""
    return shape / 2 % 2 == 0
      ? #"<circle class="\#(style)" cx="\#(round(x))" cy="\#(round(y))" r="4">\#(inside)</circle>"#
      : #"<rect class="\#(style)" x="\#(round(x - 4))" y="\#(round(y - 4))" width="8" height="8">\#(inside)</rect>"#
  }

  private func stroke(
    _ style: String, _ start: (x: Double, y: Double), _ end: (x: Double, y: Double)
  ) -> String {
    #"<path class="\#(style)" d="M\#(round(start.x)) \#(round(start.y))L\#(round(end.x)) \#(round(end.y))"/>"#
  }

  private func text(
    _ text: String, _ x: Double, _ y: Double, class style: String, anchor: String = "middle"
  ) -> String {
    #"<text class="\#(style)" x="\#(round(x))" y="\#(round(y))" text-anchor="\#(anchor)">"#
      + "\(escaped(text))</text>"
  }

  /// At most one digit after the point.
  private func round(_ value: Double) -> String {
    let text = String(value, digits: 1)
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  private func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
  }
}
