import Attention
import Testing

@testable import AttentionModels

/// An example for the demonstration T5, written by `Scripts/demo-model`.
struct DemonstrationExample {
  /// The task, or a part of the task for held-out examples: "translation of new pairs".
  let task: String
  /// The prompt, with the prefix of the task.
  let input: String
  /// The exact answer.
  let expected: String
  /// For some examples: the ids of the prompt, and of the reference's greedy answer without `</s>`.
  let reference: (inputIDs: [Int], ids: [Int])?

  /// The text of the prompt; for a question, the question and its context.
  var texts: [String] {
    let prefixes = ["translate English to French: ", "summarize: ", "question: "]
    let prefix = prefixes.first(where: input.hasPrefix) ?? ""
    return input.dropFirst(prefix.count).split(separator: " context: ").map(String.init)
  }

  /// Examples that were not in the training data.
  static func all() throws -> [DemonstrationExample] { try read("Demo/held-out.jsonl") }

  /// Examples with the texts in the documentation, which were in the training data.
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
