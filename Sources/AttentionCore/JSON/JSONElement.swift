/// An element of a large array or object, which is decoded in parts and without `String`.
///
/// `JSONArray` and `JSONObject.members` are simpler to use; elements are faster for millions of values.
package struct JSONElement: Sendable {
  private let document: JSONDocument
  private let index: Int

  init(document: JSONDocument, index: Int) {
    self.document = document
    self.index = index
  }

  package var value: JSON { document.value(at: index) }

  private var position: Int { document.text.position(index) }

  /// The number, if it is written as an integer and fits into `Int`.
  package var integer: Int? {
    let bytes = document.bytes
    let start = position
    var position = start
    var value = 0
    while position < bytes.count, bytes[position] &- UInt8(ascii: "0") < 10 {
      let (tens, isTooLarge) = value.multipliedReportingOverflow(by: 10)
      let (sum, overflow) = tens.addingReportingOverflow(Int(bytes[position] - UInt8(ascii: "0")))
      guard !isTooLarge, !overflow else { return nil }
      value = sum
      position += 1
    }
    // Fractions, exponents, signs and other values.
    let endsHere =
      position < bytes.count && position > start
      && [UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"), 0x0A].contains(bytes[position])
    return endsHere ? value : self.value.integer
  }

  /// Whether the value is a string.
  package var isString: Bool { document.bytes[position] == UInt8(ascii: "\"") }

  /// Calls `body` with the UTF-8 of a string; returns nil for other values.
  package func withString<Result, Failure>(
    _ body: (Span<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result? {
    guard isString else { return nil }
    return try document.text.withString(at: position, body)
  }

  /// The elements of an array of two; nil for other values.
  package var pair: (first: JSONElement, second: JSONElement)? {
    guard document.bytes[position] == UInt8(ascii: "[") else { return nil }
    let text = document.text
    let first = text.firstElement(of: index)
    let end = text.end(of: index)
    guard first < end else { return nil }
    let second = text.end(of: first)
    guard second < end, text.end(of: second) == end else { return nil }
    return (
      JSONElement(document: document, index: first), JSONElement(document: document, index: second)
    )
  }
}

extension JSONArray {
  /// Calls `body` with each element.
  package func forEachElement<Failure>(
    _ body: (JSONElement) throws(Failure) -> Void
  ) throws(Failure) {
    let text = document.text
    var element = text.firstElement(of: index)
    let end = text.end(of: index)
    while element < end {
      try body(JSONElement(document: document, index: element))
      element = text.end(of: element)
    }
  }
}

extension JSONObject {
  /// Calls `body` with the UTF-8 of the key and with the value of each member.
  package func forEachMember<Failure>(
    _ body: (Span<UInt8>, JSONElement) throws(Failure) -> Void
  ) throws(Failure) {
    guard let document else { return }
    let text = document.text
    var key = text.firstElement(of: index)
    let end = text.end(of: index)
    while key < end {
      let value = JSONElement(document: document, index: key + 1)
      try text.withString(at: text.position(key)) { name throws(Failure) in try body(name, value) }
      key = text.end(of: key + 1)
    }
  }
}
