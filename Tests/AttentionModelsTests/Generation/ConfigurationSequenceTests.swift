import Attention
import Foundation
import TestSupport
import Testing

@testable import AttentionModels

/// Small models with random `generation_config.json` files, and the results of transformers with them, from
/// `Scripts/fixtures/generation_configurations.py`. The environment variables `GENERATION_CASES` and
/// `GENERATION_MODELS` name other cases and the folder of their models.
@Suite struct ConfigurationSequenceTests {
  /// A file, and the result of `generate()` with it.
  private struct Case {
    let folder: String
    let name: String
    let file: String
    let prompt: [Int]
    /// nil if transformers refuses the file.
    let results: [[Int]]?
    let error: String
  }

  private static let environment = ProcessInfo.processInfo.environment

  private func cases() throws -> [Case] {
    let path =
      Self.environment["GENERATION_CASES"] ?? Fixtures.path("Generation/configurations.json")
    let json = try JSON.parse(InputFile.contents(ofFile: path, limit: 1 << 26))
    return try #require(json.array).map {
      let config = ConfigurationReader(path: path, object: try #require($0.object))
      func integers(_ json: JSON) throws -> [Int] {
        try #require(json.array).map { try #require($0.integer) }
      }
      return Case(
        folder: try config.string("folder"), name: try config.string("name"),
        file: try config.string("file"),
        prompt: try config.array("prompt").map { try #require($0.integer) },
        results: try config.optionalArray("results")?.map(integers),
        error: try config.optionalString("error") ?? "")
    }
  }

  /// The tokens of the model with another file in place of its own.
  private func sequences(_ test: Case) throws -> [[Int]] {
    let root = Self.environment["GENERATION_MODELS"] ?? Fixtures.path("")
    let folder = try TemporaryDirectory()
    for name in ["config.json", "model.safetensors"] {
      let bytes = try InputFile.contents(ofFile: "\(root)/\(test.folder)/\(name)", limit: 1 << 24)
      try folder.write(bytes, to: name)
    }
    try folder.write(test.file.utf8, to: test.name)
    let directory = try ModelDirectory(path: folder.path)
    let model = try LanguageModels.load(directory)
    let options = try GenerationOptions(
      reading: directory, vocabularySize: model.vocabularySize)
    return try model.generate([test.prompt], options: options)[0].map(\.ids)
  }

  @Test func `each random file that transformers accepts gives the same tokens`() throws {
    let cases = try cases().filter { $0.results != nil }
    try #require(cases.count >= 50)
    for test in cases {
      do {
        let found = try sequences(test)
        #expect(found == test.results, "\(test.folder): \(test.prompt) \(test.file)")
      } catch {
        Issue.record("\(test.folder): \(test.prompt) \(test.file): \(error)")
      }
    }
  }

  @Test func `each random file that transformers refuses is refused by name, or has no effect`()
    throws
  {
    let cases = try cases().filter { $0.results == nil }
    try #require(cases.count >= 10)
    for test in cases {
      let text = failureText { try sequences(test) }
      let isNamed = text.contains("\(test.name): ") || text.contains("prompt 0: ")
      let isTaken = text.hasPrefix("no failure")
      #expect(isNamed || isTaken, "\(test.file): \(text), transformers: \(test.error)")
    }
  }
}
