/// The sweep that a case belongs to: its sizes other than the length.
///
/// A plot joins cases of one series by a line.
struct BenchSeries: Hashable {
  /// One size or setting, such as "d = 64".
  struct Part: Hashable {
    let text: String
    /// Whether the legend shows the part even where all cases share it.
    var isAlwaysInLegend = false
  }

  let parts: [Part]

  init(_ parts: [Part]) {
    self.parts = parts
  }

  init(_ texts: String...) {
    parts = texts.map { Part(text: $0) }
  }
}
