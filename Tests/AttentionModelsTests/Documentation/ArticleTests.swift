import Foundation
import TestSupport
import Testing

/// Documentation shows only code that these tests compile and run.
struct ArticleTests {
  private static let withoutCode: Set = [
    "AttentionModels.md", "Performance.md", "Supported-models.md", "Verifying-on-your-machine.md",
  ]

  @Test func `all code in the articles is in a test`() throws {
    let root = ArticleCode.root(of: #filePath)
    let sources = try ArticleCode.files(
      in: root.appendingPathComponent("Tests/AttentionModelsTests/Documentation"),
      named: "Code.swift")
    let articles = try ArticleCode.files(
      in: root.appendingPathComponent("Sources/AttentionModels/AttentionModels.docc"), named: ".md")
    // This article quotes source files of the library.
    let families = try ArticleCode.files(
      in: root.appendingPathComponent("Sources/AttentionModels/Architectures"), named: ".swift")
    #expect(!sources.isEmpty && articles.count >= 8)
    for (name, article) in articles {
      let quoted = name == "Adding-a-model-family.md" ? families : [:]
      let blocks = ArticleCode.blocks(in: article)
      #expect(!blocks.isEmpty || Self.withoutCode.contains(name), "\(name) has no code")
      for block in blocks {
        #expect(
          [sources, quoted].flatMap(\.values).contains { ArticleCode.contains($0, block) },
          "\(name) shows code that no test runs:\n\(block.joined(separator: "\n"))")
      }
    }
  }
}
