import Attention
import Testing

@testable import AttentionModels

/// A held-out example of the demonstration T5, as `Scripts/demo-model` wrote it.
struct DemonstrationExample {
  /// translation, "translation of new pairs", summarization or question.
  let task: String
  /// The prompt, with its task's prefix.
  let input: String
  /// The one answer that counts as exact.
  let expected: String
  /// For a few: the prompt's ids, and those that the reference answered greedily, without `</s>`.
  let reference: (inputIDs: [Int], ids: [Int])?

  static func all() throws -> [DemonstrationExample] {
    let bytes = try InputFile.contents(
      ofFile: Fixtures.path("Demo/held-out.jsonl"), limit: 1 << 20)
    return try bytes.split(separator: UInt8(ascii: "\n")).map { line in
      let json = try JSON.parse(Array(line))
      func string(_ key: String) throws -> String { try #require(json.object?[key]?.string) }
      func integers(_ key: String) throws -> [Int]? {
        try json.object?[key]?.array?.map { try #require($0.integer) }
      }
      let inputIDs = try integers("inputIds")
      let ids = try integers("ids")
      return try DemonstrationExample(
        task: string("task"), input: string("input"), expected: string("expected"),
        reference: inputIDs.map { ($0, try #require(ids)) })
    }
  }
}
