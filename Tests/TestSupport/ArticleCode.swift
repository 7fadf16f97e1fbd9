import Foundation

/// The Swift samples of the documentation, and the tests that contain the same code.
package enum ArticleCode {
  /// The repository's root, from the path of one of its files.
  ///
  /// - Parameter depth: the number of path components of the file below the root.
  package static func root(of filePath: String, depth: Int = 4) -> URL {
    (0..<depth).reduce(URL(fileURLWithPath: filePath)) { path, _ in path.deletingLastPathComponent()
    }
  }

  /// The contents of all files with the given suffix in a folder and its subfolders, by path.
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

  /// Whether `source` contains the lines of the block one after the other, all with the same
  /// indentation.
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
