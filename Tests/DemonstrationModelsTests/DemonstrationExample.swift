import Attention
import Testing

@testable import AttentionModels

/// An example for the demonstration T5, as `Scripts/demo-model` wrote it.
struct DemonstrationExample {
  /// The task or, of the held-out ones, a part of it: "translation of new pairs".
  let task: String
  /// The prompt, with its task's prefix.
  let input: String
  /// The one answer that counts as exact.
  let expected: String
  /// For a few: the prompt's ids, and those that the reference answered greedily, without `</s>`.
  let reference: (inputIDs: [Int], ids: [Int])?

  /// The text of the prompt; of a question, the question and its context.
  var texts: [String] {
    let prefixes = ["translate English to French: ", "summarize: ", "question: "]
    let prefix = prefixes.first(where: input.hasPrefix) ?? ""
    return input.dropFirst(prefix.count).split(separator: " context: ").map(String.init)
  }

  /// Examples that were held out of the training.
  static func all() throws -> [DemonstrationExample] { try read("Demo/held-out.jsonl") }

  /// What is asked about the texts that the documentation shows. They were trained on.
  static func shown() throws -> [DemonstrationExample] { try read("Demo/shown.jsonl") }

  private static func read(_ file: String) throws -> [DemonstrationExample] {
    let bytes = try InputFile.contents(ofFile: Fixtures.path(file), limit: 1 << 20)
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
