import AttentionCore
import TestSupport
import Testing

@testable import Tokenizers

@Suite struct MaxLengthTests {
  private func maxLength(_ value: String) throws -> Int? {
    let json = try JSON.parse(Array("{\"model_max_length\": \(value)}".utf8))
    return try ConfigurationReader(
      path: "tokenizer_config.json", object: try #require(json.object)
    ).maxLength()
  }

  @Test func `numbers from a billion on mean no limit`() throws {
    #expect(try maxLength("1") == 1)
    #expect(try maxLength("512") == 512)
    #expect(try maxLength("131072") == 131_072)
    #expect(try maxLength("999999999") == 999_999_999)
    #expect(try maxLength("1000000000") == nil)
    #expect(try maxLength("1000000000000000019884624838656") == nil)
    #expect(failureText { try maxLength("0.5") }.contains("expected number of at least 1"))
  }
}
