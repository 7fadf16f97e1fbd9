import Foundation

/// Helper functions for `description` properties. Their cost does not grow with the size of the
/// value.
package enum DescriptionText {
  /// The first elements in brackets, then "…" if there are more: `[1, 2, …]`.
  package static func list<Element>(
    _ elements: some Collection<Element>, limit: Int = 8
  ) -> String {
    let shown = elements.prefix(limit).map { "\($0)" }
    return "[" + (shown + (elements.count > limit ? ["…"] : [])).joined(separator: ", ") + "]"
  }

  /// The number with at most six significant digits: `1`, `0.333333`, `1e-12`, `nan`.
  package static func number(_ value: some BinaryFloatingPoint) -> String {
    String(format: "%.6g", Double(value))
  }

  /// `name(part, part)`; nil parts are left out.
  package static func parts(_ name: String, _ parts: String?...) -> String {
    "\(name)(\(parts.compactMap(\.self).joined(separator: ", ")))"
  }

  /// `name(property: value, …)` with the stored properties of `value`.
  ///
  /// - Parameters:
  ///   - value: a struct.
  ///   - defaults: another value of the same type; properties with an equal description are left
  ///     out.
  package static func properties<Value>(
    _ name: String, of value: Value, except defaults: Value? = nil
  ) -> String {
    let omitted = defaults.map { Mirror(reflecting: $0).children.map { describe($0.value) } }
    let shown = Mirror(reflecting: value).children.enumerated().compactMap { index, child in
      let text = describe(child.value)
      guard let label = child.label, omitted.map({ $0[index] != text }) ?? true else {
        return nil as String?
      }
      return "\(label): \(text)"
    }
    return "\(name)(\(shown.joined(separator: ", ")))"
  }

  private static func describe(_ value: Any) -> String {
    let mirror = Mirror(reflecting: value)
    switch mirror.displayStyle {
    case .optional: return mirror.children.first.map { describe($0.value) } ?? "nil"
    case .collection:
      let shown = mirror.children.prefix(8).map { describe($0.value) }
      return "[" + (shown + (mirror.children.count > 8 ? ["…"] : [])).joined(separator: ", ") + "]"
    default:
      if let text = value as? String { return quoted(text, limit: 60) }
      if let number = value as? Float { return DescriptionText.number(number) }
      if let number = value as? Double { return DescriptionText.number(number) }
      return "\(value)"
    }
  }

  /// Elements in row-major order as nested lists: `[[1, 2, 3], [4, 5, 6]]`.
  ///
  /// The cost is constant: with more than 32 elements, only the first and last along each axis are
  /// shown; with more than four axes, only the first eight elements.
  ///
  /// - Parameter element: returns the text of the element with the given index.
  package static func elements(of shape: Shape, _ element: (Int) -> String) -> String {
    let count = shape.dimensions.reduce(1, *)
    guard count > 0 else { return "[]" }
    guard shape.rank <= 4 else {
      return list((0..<count).prefix(9).map(element), limit: 8)
    }
    let edge = count <= 32 ? Int.max : [3, 3, 3, 1, 1][shape.rank]
    return elements(of: shape.dimensions[...], from: 0, edge: edge, element)
  }

  private static func elements(
    of dimensions: ArraySlice<Int>, from start: Int, edge: Int, _ element: (Int) -> String
  ) -> String {
    guard let extent = dimensions.first else { return element(start) }
    let rest = dimensions.dropFirst()
    let stride = rest.reduce(1, *)
    func texts(_ indices: Range<Int>) -> [String] {
      indices.map { elements(of: rest, from: start + $0 * stride, edge: edge, element) }
    }
    let isShort = extent - min(edge, extent) <= edge
    let shown =
      isShort ? texts(0..<extent) : texts(0..<edge) + ["…"] + texts(extent - edge..<extent)
    return "[" + shown.joined(separator: ", ") + "]"
  }
}

/// The number with its noun, plural where needed: "1 token", "2 tokens".
package func counted(_ count: Int, _ noun: String) -> String {
  "\(count) \(noun)\(count == 1 ? "" : "s")"
}
