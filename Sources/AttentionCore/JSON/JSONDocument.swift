/// The text of a JSON file and the places of its values.
///
/// Values are decoded when they are read, so a parsed file takes little more memory than its text: four bytes per
/// value and key, four more per array, eight more per object, five per member of a large object. `JSONSize` limits
/// the number of values, so that text and document take at most four times the memory of the text.
final class JSONDocument: Sendable {
  let bytes: [UInt8]
  /// The position in `bytes` of each value and key, in the order of the text. After the position of an array or
  /// object follows the index in `tape` behind its last element.
  private let tape: [UInt32]
  /// The members of large objects, by the object's index in `tape`.
  private let tables: [Int: JSONKeyTable]
  private let isStrict: Bool

  /// - Parameters:
  ///   - tape: from `JSONParser`, which has checked the text.
  ///   - isStrict: whether `-0` is a floating-point number, as for parsers of Rust; an integer for Python's.
  /// - Throws: `JSONError` for a duplicate key.
  init(
    bytes: [UInt8], tape: [UInt32], objects: [UInt32], isStrict: Bool
  ) throws(JSONError) {
    self.bytes = bytes
    self.tape = tape
    self.isStrict = isStrict
    let text = JSONTape(bytes: bytes, tape: tape, isStrict: isStrict)
    var tables: [Int: JSONKeyTable] = [:]
    for object in objects {
      if let table = try JSONKeyTable(of: Int(object), in: text) { tables[Int(object)] = table }
    }
    self.tables = tables
  }

  var text: JSONTape { JSONTape(bytes: bytes, tape: tape, isStrict: isStrict) }

  /// The value at an index of the tape.
  func value(at index: Int) -> JSON {
    let text = text
    let position = text.position(index)
    switch bytes[position] {
    case UInt8(ascii: "\""): return .string(text.string(at: position))
    case UInt8(ascii: "{"): return .object(JSONObject(document: self, index: index))
    case UInt8(ascii: "["): return .array(JSONArray(document: self, index: index))
    case UInt8(ascii: "t"): return .boolean(true)
    case UInt8(ascii: "f"): return .boolean(false)
    case UInt8(ascii: "n"): return .null
    default: return .number(text.number(at: position))
    }
  }

  /// The index of the value of the member `key`; nil if the object has no such member.
  func value(of key: String, inObjectAt object: Int) -> Int? {
    let text = text
    var key = key
    let found = key.withUTF8 { key in
      if let table = tables[object] { return table.index(of: key, in: text) }
      var index = text.firstElement(of: object)
      let end = text.end(of: object)
      while index < end {
        if text.isKey(index, equalTo: key) { return index }
        index = text.end(of: index + 1)
      }
      return nil
    }
    return found.map { $0 + 1 }
  }
}

/// Access to the tape of a `JSONDocument`. The parser has checked the text, so nothing here fails.
struct JSONTape {
  let bytes: [UInt8]
  let tape: [UInt32]
  let isStrict: Bool

  func position(_ index: Int) -> Int { Int(tape[index]) }

  private func isContainer(_ index: Int) -> Bool {
    let byte = bytes[position(index)]
    return byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[")
  }

  /// The index behind the value or key at `index`: of the next element.
  func end(of index: Int) -> Int { isContainer(index) ? Int(tape[index + 1]) : index + 1 }

  /// The index of the first element of an array, or of the first key of an object.
  func firstElement(of container: Int) -> Int { container + 2 }

  // MARK: - Numbers and strings

  func number(at position: Int) -> JSONNumber {
    var end = position
    var isInteger = true
    scan: while end < bytes.count {
      switch bytes[end] {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): end += 1
      case UInt8(ascii: "."), UInt8(ascii: "+"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "a")...UInt8(ascii: "z"):
        isInteger = false
        end += 1
      default: break scan
      }
    }
    let text = String(decoding: bytes[position..<end], as: UTF8.self)
    return JSONNumber(text: text, isInteger: isInteger && !(isStrict && text == "-0"))
  }

  func string(at position: Int) -> String {
    let start = position + 1
    var end = start
    while bytes[end] != UInt8(ascii: "\"") {
      if bytes[end] == UInt8(ascii: "\\") {
        return String(decoding: unescaped(from: start), as: UTF8.self)
      }
      end += 1
    }
    return String(decoding: bytes[start..<end], as: UTF8.self)
  }

  /// Calls `body` with the UTF-8 of the string at `position`.
  func withString<Result, Failure>(
    at position: Int, _ body: (Span<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let span = bytes.span
    let start = position + 1
    var end = start
    while span[end] != UInt8(ascii: "\"") {
      if span[end] == UInt8(ascii: "\\") { return try body(unescaped(from: start).span) }
      end += 1
    }
    return try body(span.extracting(start..<end))
  }

  private func unescaped(from start: Int) -> [UInt8] {
    var content: [UInt8] = []
    var position = start
    while bytes[position] != UInt8(ascii: "\"") {
      if bytes[position] == UInt8(ascii: "\\"),
        let scalar = try? JSONEscape.scalar(in: bytes, at: &position)
      {
        content.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
      } else {
        content.append(bytes[position])
        position += 1
      }
    }
    return content
  }

  // MARK: - Keys

  /// Calls `body` with the UTF-8 of the key at `index`.
  func withKey<Result>(_ index: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    withString(at: position(index)) { $0.withUnsafeBufferPointer(body) }
  }

  /// Whether the key at `index` has these UTF-8 bytes.
  func isKey(_ index: Int, equalTo key: UnsafeBufferPointer<UInt8>) -> Bool {
    withKey(index) { $0.count == key.count && $0.elementsEqual(key) }
  }
}
