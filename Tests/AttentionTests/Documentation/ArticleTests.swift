import Foundation
import TestSupport
import Testing

/// Documentation shows only code that these tests compile and run.
struct ArticleTests {
  private static let withoutCode: Set = ["Attention.md", "Glossary.md", "On-BLAS.md"]

  @Test func `all code in the articles and the README is in a test`() throws {
    let root = ArticleCode.root(of: #filePath)
    let sources = try ArticleCode.files(
      in: root.appendingPathComponent("Tests/AttentionTests/Documentation"),
      named: "Code.swift")
    var articles = try ArticleCode.files(
      in: root.appendingPathComponent("Sources/Attention/Attention.docc"), named: ".md")
    #expect(!sources.isEmpty && articles.count >= 6)
    articles["README.md"] = try String(
      contentsOf: root.appendingPathComponent("README.md"), encoding: .utf8)
    // attendTests run the program that contains the README's other block.
    let programs = try ArticleCode.files(
      in: root.appendingPathComponent("Tests/ReadmeExample"), named: "main.swift")
    #expect(programs.count == 1)

    for (name, article) in articles {
      // Scripts/check-dependency runs the README's first block as a program.
      let blocks = ArticleCode.blocks(in: article).dropFirst(name == "README.md" ? 1 : 0)
      let tested = [sources, name == "README.md" ? programs : [:]].flatMap(\.values)
      #expect(!blocks.isEmpty || Self.withoutCode.contains(name), "\(name) has no code")
      for block in blocks {
        #expect(
          tested.contains { ArticleCode.contains($0, block) },
          "\(name) shows code that no test runs:\n\(block.joined(separator: "\n"))")
      }
    }
  }

  @Test func `code counts as tested only if all lines match, equally indented`() {
    let block = ArticleCode.blocks(in: "text\n```swift\nif a {\n\n  b\n}\n```\n```\nc\n```")
    #expect(block == [["if a {", "", "  b", "}"]])
    #expect(ArticleCode.contains("x\n    if a {\n\n      b\n    }\ny", block[0]))
    #expect(!ArticleCode.contains("    if a {\n\n      c\n    }", block[0]))
    #expect(!ArticleCode.contains("    if a {\n\n    b\n    }", block[0]))
    #expect(!ArticleCode.contains("    let if a {\n\n      b\n    }", block[0]))
  }
}
