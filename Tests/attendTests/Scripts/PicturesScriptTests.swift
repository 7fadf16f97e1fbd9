import Foundation
import TestSupport
import Testing

/// `Scripts/pictures`: the pictures in the documentation are those that `attend explain` draws.
@Suite(.enabled(if: RealModel.isKnownByName, "all-MiniLM-L6-v2 is not in the cache"))
struct PicturesScriptTests {
  /// The parts of a picture that are compared. Another processor may round a weight to another last digit, and a
  /// weight at a threshold may be drawn or not.
  private struct Picture {
    /// The texts, without numbers.
    let texts: [String]
    let shapeCount: Int
    let opacity: Double

    init(_ url: URL) throws {
      let svg = try String(contentsOf: url, encoding: .utf8)
      texts = svg.matches(of: />([^<\n]+)<\/text>/).map { String($0.output.1) }
        .filter { Double($0) == nil }
      shapeCount = svg.matches(of: /<path|<rect|h\d+v/).count
      opacity = svg.matches(of: /opacity="([0-9.]+)"/).reduce(0) {
        $0 + (Double($1.output.1) ?? 0)
      }
    }
  }

  @Test func `The pictures of the documentation are those that the script draws`() throws {
    let root = ArticleCode.root(of: #filePath)
    let resources = root.appendingPathComponent(
      "Sources/AttentionModels/AttentionModels.docc/Resources")
    let drawn = try TemporaryDirectory()
    let run = try AttendProcess(
      "/bin/bash", [root.appendingPathComponent("Scripts/pictures").path, drawn.path],
      environment: ["ATTEND": attendPath]
    ).finished()
    #expect(run.status == 0 && run.output.isEmpty, "\(run)")
    let names = try FileManager.default.contentsOfDirectory(atPath: drawn.path).sorted()
    #expect(try FileManager.default.contentsOfDirectory(atPath: resources.path).sorted() == names)
    #expect(names.count >= 14)
    for name in names {
      let new = try Picture(URL(fileURLWithPath: drawn.path(name)))
      let old = try Picture(resources.appendingPathComponent(name))
      #expect(new.texts == old.texts && new.texts.count > 5, "\(name)")
      #expect(abs(new.shapeCount - old.shapeCount) <= 1 + old.shapeCount / 50, "\(name)")
      #expect(abs(new.opacity - old.opacity) <= 0.05 + 0.01 * old.opacity, "\(name)")
    }
  }
}
