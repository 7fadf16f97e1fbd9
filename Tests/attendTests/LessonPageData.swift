import Foundation
import Testing

/// The page that `attend example --output` writes, and the numbers in its data.
struct LessonPageData {
  typealias Matrix = PrintedLesson.Matrix

  let html: String
  private let data: [String: Any]

  init(html: String) throws {
    self.html = html
    let start = try #require(html.range(of: "<script type=\"application/json\" id=\"data\">"))
    let rest = html[start.upperBound...]
    let end = try #require(rest.range(of: "</script>"))
    let json = try JSONSerialization.jsonObject(with: Data(rest[..<end.lowerBound].utf8))
    data = try #require(json as? [String: Any])
  }

  var words: [String] { data["words"] as? [String] ?? [] }
  var focus: Int { data["focus"] as? Int ?? -1 }

  /// The rows of a matrix of the page.
  func matrix(_ path: String...) -> Matrix { Self.rows(value(path + ["rows"])) }

  /// The rows of a matrix of a head.
  func matrix(head: Int, _ name: String) -> Matrix { Self.rows(value(head, [name, "rows"])) }

  /// A row of an array of arrays of a head.
  func row(head: Int, _ name: String, _ index: Int) -> [Double] {
    Self.rows(value(head, [name]))[index]
  }

  /// An element of an array of matrices of a head.
  func numbers(head: Int, _ name: String, _ index: Int) -> Matrix {
    let values = value(head, [name]) as? [Any] ?? []
    return Self.rows(index < values.count ? values[index] : nil)
  }

  /// An array of a head.
  func vector(head: Int, _ name: String) -> [Double] { Self.row(value(head, [name])) }

  /// An array of the page.
  func vector(_ path: String...) -> [Double] { Self.row(value(path)) }

  /// The rows of the table of saturation.
  var saturation: Matrix {
    (value(["saturation", "rows"]) as? [[String: Any]] ?? []).map {
      Self.row($0["weights"]) + Self.row($0["gradients"])
    }
  }

  func isNull(_ name: String) -> Bool { data[name] is NSNull }

  private func value(_ path: [String]) -> Any? { Self.value(data, path) }

  private func value(_ head: Int, _ path: [String]) -> Any? {
    let heads = data["heads"] as? [Any] ?? []
    return head < heads.count ? Self.value(heads[head], path) : nil
  }

  private static func value(_ root: Any?, _ path: [String]) -> Any? {
    path.reduce(root) { node, key in (node as? [String: Any])?[key] }
  }

  private static func rows(_ value: Any?) -> Matrix { (value as? [Any] ?? []).map(row) }

  /// Null stands for −∞.
  private static func row(_ value: Any?) -> [Double] {
    (value as? [Any] ?? []).map { ($0 as? NSNumber)?.doubleValue ?? -.infinity }
  }
}
