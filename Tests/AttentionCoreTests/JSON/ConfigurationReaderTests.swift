import Testing

@testable import AttentionCore

@Suite struct ConfigurationReaderTests {
  private func reader(_ text: String) throws -> ConfigurationReader {
    let value = try JSON.parse(Array(text.utf8), acceptsNonFinite: true)
    let object = try #require(value.object)
    return ConfigurationReader(path: "/m/config.json", object: object)
  }

  private func reason<Value>(_ body: () throws -> Value) -> String {
    do {
      return "accepted: \(try body())"
    } catch {
      return "\(error)"
    }
  }

  @Test func `a missing key is named`() throws {
    let reader = try reader("{\"n\":null}")
    for key in ["hidden_size", "n"] {
      let reason = reason { try reader.integer(key, in: 1...10) }
      #expect(reason.contains("/m/config.json") && reason.contains("missing key \(key)"))
      #expect(try reader.optionalInteger(key, in: 1...10) == nil)
    }
  }

  @Test(arguments: ["0", "-1", "1e18", "1000000000000000000", "1.5", "\"7\"", "[]", "true"])
  func `an integer that is out of range or of another type names both`(text: String) throws {
    let reader = try reader("{\"hidden_size\":\(text)}")
    let reason = reason { try reader.integer("hidden_size", in: 1...1_000_000) }
    #expect(reason.contains("hidden_size: expected integer in the range 1...1000000, got"))
  }

  @Test func `an error about a value of another type has the expected type`() throws {
    let reader = try reader("{\"a\":1,\"b\":{\"c\":\"x\"},\"e\":1e999}")
    #expect(reason { try reader.string("a") }.contains("a: expected string, got 1"))
    #expect(reason { try reader.boolean("a") }.contains("a: expected boolean"))
    #expect(reason { try reader.array("a") }.contains("a: expected array"))
    #expect(reason { try reader.nested("a") }.contains("a: expected object"))
    #expect(reason { try reader.number("e", in: 0...1) }.contains("range 0.0...1.0"))
    #expect(reason { try reader.nested("b").number("c", in: 0...1) }.contains("b.c: expected"))
    #expect(try reader.nested("b").string("c") == "x")
  }
}
