import Foundation
import TestSupport
import Testing

/// Documentation shows only code that these tests compile and run.
struct ArticleTests {
  @Test func `All code in the articles is in a test`() throws {
    let root = ArticleCode.root(of: #filePath)
    let sources = try ArticleCode.files(
      in: root.appendingPathComponent("Tests/AttentionSearchTests/Documentation"),
      named: "Code.swift")
    let articles = try ArticleCode.files(
      in: root.appendingPathComponent("Sources/AttentionSearch/AttentionSearch.docc"), named: ".md")
    let blocks = articles.values.flatMap(ArticleCode.blocks)
    #expect(blocks.count >= 5)
    for block in blocks {
      #expect(
        sources.values.contains { ArticleCode.contains($0, block) },
        "an article shows code that no test runs:\n\(block.joined(separator: "\n"))")
    }
  }
}
