/// A picture of a benchmark: throughput against length, with what the machine can do as dashed lines.
struct ThroughputPlot {
  /// Rows of one kind, by one backend, on one number of threads.
  private struct Line {
    let color: Int
    let mark: Int
    var rows: [BenchRow] = []
  }

  private let title: String
  private let lengthName: String
  private let notes: [String]
  private let lines: [Line]
  /// What each colour stands for.
  private let kinds: [String]
  /// What each marker stands for.
  private let threadCounts: [Int]
  private let peaks: [(threads: Int, gflops: Double)]
  private let x: PlotAxis
  private let y: PlotAxis

  private static let (width, height) = (960.0, 510.0)
  private static let (left, right, top, bottom) = (64.0, 690.0, 96.0, 446.0)
  private static let legend = right + 28

  /// - Parameter lengthName: what the horizontal axis counts.
  init(title: String, lengthName: String, report: BenchReport) {
    self.title = title
    self.lengthName = lengthName
    notes = [
      "\(report.machine.processor), OpenBLAS \(report.machine.openBLASVersion) "
        + "(\(report.machine.openBLASCore)), attend \(report.machine.version)"
    ]
    let rows = report.rows.filter { $0.flops != nil }
    threadCounts = Set(rows.map(\.threads)).sorted()
    (kinds, lines) = Self.lines(of: rows, threadCounts)
    peaks = report.peaks.sorted { $0.key < $1.key }.map { ($0.key, $0.value / 1e9) }
    let speeds = report.rows.compactMap { $0.flops.map { $0 / 1e9 } } + peaks.map(\.gflops)
    x = .doublings(
      of: report.rows.map { Double($0.benchCase.length) }, from: Self.left, to: Self.right)
    y = .linear(upTo: speeds.max() ?? 1, from: Self.bottom, to: Self.top)
  }

  /// Colours tell kinds and backends apart, markers numbers of threads.
  private static func lines(
    of rows: [BenchRow], _ threadCounts: [Int]
  ) -> (kinds: [String], lines: [Line]) {
    let isOneBackend = Set(rows.map(\.backend)).count == 1
    var (kinds, lines): ([String], [Line]) = ([], [])
    for row in rows {
      let kind = row.benchCase.series + (isOneBackend ? "" : ", \(row.backend ?? "")")
      if !kinds.contains(kind) { kinds.append(kind) }
      let color = kinds.firstIndex(of: kind) ?? 0
      let mark = threadCounts.firstIndex(of: row.threads) ?? 0
      let index = lines.firstIndex { $0.color == color && $0.mark == mark }
      if index == nil { lines.append(Line(color: color, mark: mark)) }
      lines[index ?? lines.count - 1].rows.append(row)
    }
    return (kinds, lines)
  }

  var svg: String {
    let size = "\(Int(Self.width)) \(Int(Self.height))"
    return
      ([
        #"<svg xmlns="http://www.w3.org/2000/svg" width="\#(Int(Self.width))" "#
          + #"height="\#(Int(Self.height))" viewBox="0 0 \#(size)" role="img">"#,
        "<title>\(escaped(title))</title>", "<style>\(PlotStyle.css)</style>",
        #"<rect class="page" width="100%" height="100%" rx="8"/>"#,
        text(title, Self.left, 34, class: "title", anchor: "start"),
      ] + notes.map { text($0, Self.left, 56, class: "note", anchor: "start") }
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
    peaks.flatMap { threads, gflops in
      [
        stroke("peak", (Self.left, y(gflops)), (Self.right, y(gflops))),
        text(
          "sgemm peak, \(threads) thread\(threads == 1 ? "" : "s"): \(String(gflops, digits: 0))",
          Self.right - 6, y(gflops) - 6, class: "n", anchor: "end"),
      ]
    }
  }

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

  /// What is shown where the pointer rests.
  private func note(on row: BenchRow) -> String {
    let share = row.peakShare.map { ", \(String(100 * $0, digits: 0)) % of the peak" } ?? ""
    return
      "\(row.benchCase.name), threads \(row.threads): \(String((row.flops ?? 0) / 1e9, digits: 1)) GFLOP/s\(share)"
  }

  /// The colours, and below them the markers where there are several.
  private var legend: [String] {
    func y(_ index: Int) -> Double { Self.top + 8 + 24 * Double(index) }
    let colors = kinds.enumerated().flatMap { index, kind in
      [
        stroke("line \(color(index))", (Self.legend, y(index)), (Self.legend + 26, y(index))),
        mark(0, color(index), Self.legend + 13, y(index), note: nil),
        text(kind, Self.legend + 34, y(index) + 4, class: "name", anchor: "start"),
      ]
    }
    guard threadCounts.count > 1 else { return colors }
    return colors
      + threadCounts.enumerated().flatMap { index, count in
        let y = y(kinds.count + index) + 12
        return [
          mark(index, "any", Self.legend + 13, y, note: nil),
          text(
            "\(count) thread\(count == 1 ? "" : "s")", Self.legend + 34, y + 4, class: "name",
            anchor: "start"),
        ]
      }
  }

  /// The class of a colour; they begin again where there are too few.
  private func color(_ index: Int) -> String { "c\(index % PlotStyle.colorCount)" }

  // MARK: - Elements

  /// A filled circle for the first number of threads, then an open one, a filled square, an open one.
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
