import Foundation

/// The Swift code that documentation shows, and the tests that hold it.
package enum ArticleCode {
  /// The repository's root, seen from one of its files.
  ///
  /// - Parameter depth: the number of names in the file's path below the root.
  package static func root(of filePath: String, depth: Int = 4) -> URL {
    (0..<depth).reduce(URL(fileURLWithPath: filePath)) { path, _ in path.deletingLastPathComponent()
    }
  }

  /// The contents of every file in a folder and the folders inside it, by path.
  package static func files(in folder: URL, named suffix: String) throws -> [String: String] {
    let paths = FileManager.default.subpaths(atPath: folder.path) ?? []
    return try Dictionary(
      uniqueKeysWithValues: paths.filter { $0.hasSuffix(suffix) }.map {
        ($0, try String(contentsOf: folder.appendingPathComponent($0), encoding: .utf8))
      })
  }

  /// The lines of each block between ```swift and ```.
  package static func blocks(in article: String) -> [[Substring]] {
    var blocks: [[Substring]] = []
    var isInside = false
    for line in article.split(separator: "\n", omittingEmptySubsequences: false) {
      switch (line, isInside) {
      case ("```swift", false):
        isInside = true
        blocks.append([])
      case ("```", true): isInside = false
      case (_, true): blocks[blocks.count - 1].append(line)
      case (_, false): break
      }
    }
    return blocks
  }

  /// Whether the lines stand in `source` one after the other, all of them indented alike.
  package static func contains(_ source: String, _ block: [Substring]) -> Bool {
    let lines = source.split(separator: "\n", omittingEmptySubsequences: false)
    guard let first = block.first, lines.count >= block.count else { return false }
    return (0...lines.count - block.count).contains { start in
      guard lines[start].hasSuffix(first) else { return false }
      let indent = lines[start].dropLast(first.count)
      return indent.allSatisfy { $0 == " " }
        && zip(block, lines[start...]).allSatisfy { shown, line in
          shown.isEmpty ? line.isEmpty : line == indent + shown
        }
    }
  }
}
