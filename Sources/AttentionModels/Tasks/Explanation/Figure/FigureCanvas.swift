/// The parts of an SVG document: a title, and elements below it. Coordinates are whole pixels, and weights have three
/// decimals, so that the bytes are the same on every machine.
struct FigureCanvas {
  let title: String
  let theme: AttentionFigure.Theme
  private(set) var width = 0
  private(set) var height = 0
  private var elements: [String] = []

  static let margin = 12
  /// The first pixel below the title.
  static let top = margin + 24
  static let fontSize = 13

  init(title: String, theme: AttentionFigure.Theme) {
    self.title = title
    self.theme = theme
  }

  /// The color of a weight of 1.
  var ink: String { theme == .light ? "#08306b" : "#9ecaff" }
  /// The color of a weight of 1 of an emphasized word.
  var accent: String { theme == .light ? "#c2410c" : "#ff9f4a" }
  var textColor: String { theme == .light ? "#1f2933" : "#e8edf2" }
  /// The color of frames.
  var lineColor: String { theme == .light ? "#999" : "#777" }

  mutating func resize(width: Int, height: Int) {
    self.width = max(width, Self.width(of: title) * 11 / 10 + 2 * Self.margin)
    self.height = height
  }

  mutating func add(_ element: String) { elements.append(element) }

  /// Adds text at its baseline.
  mutating func addText(
    _ text: String, x: Int, y: Int, anchor: String = "start", fontSize: Int = Self.fontSize,
    isVertical: Bool = false, isBold: Bool = false, color: String? = nil
  ) {
    add(
      "<text x=\"\(x)\" y=\"\(y)\" text-anchor=\"\(anchor)\""
        + (fontSize == Self.fontSize ? "" : " font-size=\"\(fontSize)\"")
        + (isVertical ? " transform=\"rotate(-90 \(x) \(y))\"" : "")
        + (isBold ? " font-weight=\"bold\"" : "")
        + (color.map { " fill=\"\($0)\"" } ?? "") + ">\(Self.escaped(text))</text>")
  }

  var svg: String {
    var canvas = self
    canvas.elements = []
    if theme == .light {
      canvas.add("<rect width=\"\(width)\" height=\"\(height)\" fill=\"#fff\"/>")
    }
    canvas.addText(title, x: Self.margin, y: Self.margin + 12, isBold: true)
    return """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(width)" height="\(height)" \
      viewBox="0 0 \(width) \(height)" role="img" font-family="Helvetica, Arial, sans-serif" \
      font-size="\(Self.fontSize)" fill="\(textColor)">
      <title>\(Self.escaped(title))</title>
      \((canvas.elements + elements).joined(separator: "\n"))
      </svg>

      """
  }

  /// The approximate width of a text in pixels.
  static func width(of text: String, fontSize: Int = Self.fontSize) -> Int {
    // Ideographs and syllables of Chinese, Japanese and Korean are about twice as wide as letters.
    let letters = text.unicodeScalars.reduce(0) { $0 + ($1.value < 0x2E80 ? 1 : 2) }
    return (letters * fontSize * 58 + 99) / 100
  }

  static func width(of texts: [String]) -> Int { texts.map { width(of: $0) }.max() ?? 0 }

  /// A weight with three decimals.
  static func number(_ value: Float) -> String {
    let thousandths = Int((min(max(value, 0), 10) * 1_000).rounded(.toNearestOrAwayFromZero))
    let digits = String(thousandths % 1_000)
    return "\(thousandths / 1_000)." + String(repeating: "0", count: 3 - digits.count) + digits
  }

  static func escaped(_ text: String) -> String {
    String(
      text.unicodeScalars.flatMap { scalar -> [Character] in
        switch scalar {
        case "&": Array("&amp;")
        case "<": Array("&lt;")
        case ">": Array("&gt;")
        // XML does not allow control characters.
        case _ where scalar.value < 0x20 || scalar.value == 0x7F: ["\u{FFFD}"]
        default: [Character(scalar)]
        }
      })
  }
}
