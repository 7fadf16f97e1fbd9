/// The sweep that a case belongs to: its sizes other than the length.
///
/// A plot joins cases of one series by a line.
package struct BenchSeries: Hashable {
  /// One size or setting, such as "d = 64".
  package struct Part: Hashable {
    package let text: String
    /// Whether the legend shows the part even where all cases share it.
    package var isAlwaysInLegend = false
  }

  package let parts: [Part]

  package init(_ parts: [Part]) {
    self.parts = parts
  }

  package init(_ texts: String...) {
    parts = texts.map { Part(text: $0) }
  }
}
