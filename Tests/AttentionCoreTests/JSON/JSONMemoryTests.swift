import Testing

@testable import AttentionCore

/// Text and document together take at most four times the memory of the text.
@Suite struct JSONMemoryTests {
  private static func array(of element: String, byteCount: Int) -> [UInt8] {
    let count = byteCount / (element.utf8.count + 1)
    return Array("[\(Array(repeating: element, count: count).joined(separator: ","))]".utf8)
  }

  /// The memory of text and tape, divided by the memory of the text.
  private func factor(_ bytes: [UInt8]) throws -> Double {
    let entries = try JSONSize(bytes).tapeCount()
    return 1 + Double(4 * entries) / Double(bytes.count)
  }

  @Test(arguments: ["0", "[0,0]", "\"\"", "null", "{\"a\":0}", "1.5", "\"\\n\""])
  func `dense values take at most four times the text`(element: String) throws {
    let bytes = Self.array(of: element, byteCount: 1 << 20)
    #expect(try factor(bytes) <= 4)
    let array = try #require(try JSON.parse(bytes).array)
    #expect(array.count == bytes.count / (element.utf8.count + 1))
  }

  @Test(arguments: ["[]", "{}", "[[]]", "[[[0]]]", "{\"a\":{}}"])
  func `more containers than memory allows are refused`(element: String) {
    let bytes = Self.array(of: element, byteCount: 1 << 20)
    let error = #expect(throws: JSONError.self) { try JSON.parse(bytes) }
    #expect(error?.reason.contains("too many values") == true)
    #expect(throws: Never.self) { try JSON.parse(Self.array(of: element, byteCount: 1 << 15)) }
  }

  @Test func `punctuation inside strings does not count`() throws {
    let bytes = Self.array(of: #""[[[[{{{{,,,,::::\"[[[[\\""#, byteCount: 1 << 20)
    #expect(try JSON.parse(bytes).array?.first?.string == #"[[[[{{{{,,,,::::"[[[[\"#)
  }

  @Test func `a large object is searched by key in constant time`() throws {
    let count = 100_000
    let members = (0..<count).map { #""k\#($0)":\#($0)"# }.joined(separator: ",")
    let object = try #require(try JSON.parse(Array("{\(members)}".utf8)).object)
    #expect(object.count == count)
    for index in 0..<count {
      #expect(object["k\(index)"]?.integer == index)
    }
    #expect(object["k\(count)"] == nil && object[""] == nil)
    #expect(object.members.first { $0.key == "k77" }?.value.integer == 77)
  }

  @Test(arguments: [2, 32, 33, 34, 1000])
  func `duplicate keys are found in objects of every size`(count: Int) throws {
    for (first, second) in [("a", "a"), ("é", "\\u00e9"), ("\\n", "\\u000a"), ("", "")] {
      let filler = (0..<count - 2).map { #""k\#($0)":{"a":[]}"# }
      let members = [#""\#(first)":1"#] + filler + [#""\#(second)":2"#]
      let text = "{\(members.joined(separator: ","))}"
      let error = #expect(throws: JSONError.self) { try JSON.parse(Array(text.utf8)) }
      #expect(error?.reason.contains("duplicate key") == true)
      #expect(error.map { Array(text.utf8)[$0.offset] } == UInt8(ascii: "\""))
    }
  }

  @Test func `nested values are read in any order`() throws {
    let text = #"{"a":[[1,[2,{"b":[3]}]],{}],"c":{"d":[],"e":"x\ty"},"f":-1.5e3,"g":[true,null]}"#
    let object = try #require(try JSON.parse(Array(text.utf8)).object)
    #expect(object["g"]?.array?[1].isNull == true && object["g"]?.array?[0].boolean == true)
    #expect(object["f"]?.number?.double == -1500 && object["f"]?.integer == nil)
    #expect(object["c"]?.object?["e"]?.string == "x\ty")
    #expect(object["c"]?.object?["d"]?.array?.isEmpty == true)
    let outer = try #require(object["a"]?.array)
    #expect(outer.count == 2 && outer[1].object?.count == 0)
    #expect(outer[0].array?[1].array?[1].object?["b"]?.array?.first?.integer == 3)
  }
}
