/// A page of one HTML file without references to others: HTML in which `{{title}}`, `{{style}}`, `{{script}}` and
/// `{{data}}` stand for the parts.
package struct PageTemplate {
  private let html: String
  private let style: String
  private let script: String

  /// - Parameters:
  ///   - html: the file with the four words.
  ///   - style: CSS.
  ///   - scripts: the parts of the script in their order.
  package init(html: [UInt8], style: [UInt8], scripts: [[UInt8]]) {
    self.html = String(decoding: html, as: UTF8.self)
    self.style = String(decoding: style, as: UTF8.self)
    script = scripts.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\n")
  }

  /// The page. Each word is replaced once, so that the title and the data may contain such words.
  ///
  /// - Parameters:
  ///   - title: any text.
  ///   - data: JSON.
  package func page(title: String, data: String) -> String {
    html.replacing(/\{\{(title|style|script|data)\}\}/) { match in
      switch match.output.1 {
      case "title": Self.escaped(title)
      case "style": style
      case "script": script
      // In JSON, < is only in strings.
      default: data.replacing("<", with: "\\u003c")
      }
    }
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing("\"", with: "&quot;")
  }
}
