/// The sweep that a case belongs to: its sizes other than the length.
///
/// A plot draws a line through the cases of a series.
package struct BenchSeries: Hashable {
  /// One size or setting, such as "d = 64".
  package struct Part: Hashable {
    package let text: String
    /// Whether the legend shows the part even if all cases share it.
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
