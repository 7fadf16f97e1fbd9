import Foundation
import TestSupport
import Testing

/// `attend index` and `attend search`.
@Suite struct SearchCommandTests {
  private let directory: TemporaryDirectory
  private let model: String
  private var index: String { directory.path("my.index") }

  init() throws {
    directory = try TemporaryDirectory()
    model = try TinyModel.write(to: directory)
    for (name, text) in [
      ("notes/cat.txt", "the cat sat on the mat .\nit sat ."), ("notes/sub/mat.md", "the mat"),
      ("notes/.hidden", "x"), ("notes/empty.txt", ""),
    ] { try directory.write(text.utf8, to: name) }
    try directory.write([0xFF, 0xFE], to: "notes/image.png")
  }

  private func create(_ arguments: String...) throws -> AttendRun {
    try attend(
      ["index", "--model", model, "--input", directory.path("notes"), "--output", index] + arguments
    )
  }

  private func results(_ arguments: String..., input: String? = nil) throws -> [[String: Any]] {
    let run = try attend(
      ["search", "--format", "jsonl"] + arguments, input: input.map { Array($0.utf8) })
    #expect(run.status == 0 && run.error.isEmpty, "\(run)")
    return try run.outputLines.map(jsonObject)
  }

  private func names(_ results: [[String: Any]]) -> [String] {
    results.compactMap { $0["document"] as? String }
  }

  @Test func `A folder becomes an index of its files, which a search finds`() throws {
    let run = try create()
    #expect(run.status == 0 && run.output.isEmpty, "\(run)")
    for word in ["added 3 documents", "skipped 1 files", "has 3 documents"] {
      #expect(run.error.contains(word), "\(run)")
    }
    let found = try results(index, "the mat")
    #expect(Set(names(found)) == ["cat.txt", "empty.txt", "sub/mat.md"])
    let first = try #require(found.first)
    #expect(first["document"] as? String == "sub/mat.md" && first["text"] as? String == "the mat")
    #expect(first["query"] as? String == "the mat" && first["rank"] as? Int == 1)
    #expect(first["range"] as? [Int] == [0, 7])
    #expect(abs((first["score"] as? Double ?? 0) - 1) < 1e-5)
  }

  @Test func `Lines of JSON have names and metadata, and replace each other`() throws {
    let input = try directory.write(
      """
      {"name": "a", "text": "the cat", "metadata": {"page": "1"}}
      "sat"

      {"text": "mat"}
      """.utf8, to: "list.jsonl")
    for _ in 0..<2 {
      let run = try attend(
        "index", "--model", model, "--input", input, "--output", index, "--format", "int8",
        "--verify")
      #expect(run.status == 0 && run.error.contains("has 3 documents"), "\(run)")
    }
    let found = try results(index, "the cat", "sat", "--top", "1")
    #expect(names(found) == ["a", "list.jsonl:2"])
    #expect(found[0]["metadata"] as? [String: String] == ["page": "1"])
    let deleted = try attend("index", "--output", index, "--delete", "a", "list.jsonl:4")
    #expect(deleted.status == 0 && deleted.error.contains("has 1 documents"), "\(deleted)")
    let wrong = try attend("index", "--output", index, "--delete", "a")
    #expect(wrong.status == 2 && wrong.error.contains("\"a\""), "\(wrong)")
    for (line, word) in [
      (#"{"name": 3, "text": "x"}"#, "\"name\""),
      (#"{"text": "x", "metadata": {"a": 1}}"#, "\"a\""),
      ("{}", "\"text\""), ("{", "line 1"),
    ] {
      let path = try directory.write(line.utf8, to: "wrong.jsonl")
      let run = try attend("index", "--input", path, "--output", index)
      #expect(run.status == 1 && run.error.contains(word) && run.error.contains("line 1"), "\(run)")
    }
  }

  @Test func `A file is searched line by line without an index`() throws {
    let input = try directory.write("the cat\nsat on\n\nthe mat\n".utf8, to: "lines.txt")
    let found = try results("--model", model, "--input", input, "sat on", "--top", "2")
    #expect(names(found).first == "lines.txt:2" && found.count == 2)
    #expect(abs((found[0]["score"] as? Double ?? 0) - 1) < 1e-5)
    // Queries from a file and from a pipe.
    let queries = try directory.write("sat on\nthe mat\n".utf8, to: "queries.txt")
    for found in [
      try results("--model", model, "--input", input, "--queries", queries, "--top", "1"),
      try results("--model", model, "--input", input, "--top", "1", input: "sat on\nthe mat\n"),
    ] { #expect(names(found) == ["lines.txt:2", "lines.txt:4"]) }
  }

  @Test func `Text output shows the score, the document, the range and the passage`() throws {
    #expect(try create().status == 0)
    let run = try attend("search", index, "the mat", "--top", "1")
    #expect(
      run.output == "Query: the mat\n\n1.000  sub/mat.md  0..<7\n  the mat\n", "\(run)")
    let long = try directory.write(
      String(repeating: "the cat sat on the mat . ", count: 40).utf8, to: "long/long.txt")
    #expect(
      try attend("index", "--input", long, "--whole", "--output", index, "--verify").status == 0)
    let shown = try attend("search", index, "the cat sat", "--top", "9")
    for line in shown.outputLines { #expect(line.count <= 80, "\(line)") }
    #expect(shown.output.contains("…"))
  }

  @Test func `Usage errors name what is wrong`() throws {
    #expect(try create().status == 0)
    let other = try TemporaryDirectory()
    let otherModel = try TinyModel.write(to: other)
    try other.write("\n".utf8, to: "model/added.txt")
    for (arguments, words) in [
      (["search"], ["expected"]), (["search", index], ["no query"]),
      (["search", directory.path("none"), "x"], ["no such folder", "none"]),
      (["search", directory.path("notes"), "x"], ["index.sqlite is missing"]),
      (["search", index, "x", "--top", "0"], ["--top 0"]),
      (["search", index, "x", "--model", otherModel], [model, otherModel]),
      (["search", index, "x", "--rerank", "no/such"], ["no/such"]),
      (["search", index, "x", "--queries", "q.txt"], ["--queries"]),
      (["index", "--output", directory.path("none"), "--delete", "x"], ["no index"]),
      (["index", "--output", index], ["--input"]),
      (
        ["index", "--input", directory.path("notes"), "--output", index, "--format", "int8"],
        ["--format"]
      ),
      (["index", "--input", "no.txt", "--output", index], ["--input no.txt", "no such file"]),
      (
        [
          "index", "--model", model, "--input", directory.path("notes"), "--output",
          directory.path("notes"),
        ],
        ["other files"]
      ),
    ] {
      let run = try attend(
        arguments + (arguments == ["search", index] ? ["--queries", "/dev/null"] : []))
      #expect(run.status == 2, "\(arguments): \(run)")
      for word in words { #expect(run.error.contains(word), "\(arguments): \(run)") }
    }
  }

  @Test func `A damaged index is an error with the name of the file`() throws {
    #expect(try create().status == 0)
    try directory.write([1, 2, 3], to: "my.index/vectors-0")
    let run = try attend("search", index, "x")
    #expect(run.status == 1 && run.output.isEmpty, "\(run)")
    #expect(run.error.contains("vectors-0") && run.error.contains("damaged"), "\(run)")
  }

  private var vectorByteCount: Int {
    (try? FileManager.default.attributesOfItem(atPath: "\(index)/vectors-0")[.size]) as? Int ?? 0
  }

  @Test(.hangLimit) func `A process that is killed leaves the state after its last change`() throws
  {
    let lines = (0..<2_000).map { _ in "the cat sat on the mat" }.joined(separator: "\n")
    let input = try directory.write(lines.utf8, to: "lines.txt")
    var counts: [Int] = []
    for attempt in 0..<8 {
      let process = try AttendProcess(
        attendPath, ["index", "--model", model, "--input", input, "--output", index])
      // Wait until the process writes vectors, or only creates the index.
      let size = vectorByteCount
      while attempt > 1, process.isRunning, vectorByteCount == size { usleep(500) }
      usleep(3_000 * UInt32(attempt))
      kill(process.processIdentifier, SIGKILL)
      _ = try process.finished()
      guard FileManager.default.fileExists(atPath: "\(index)/index.sqlite") else { continue }
      let run = try attend("index", "--output", index, "--verify")
      // A process that was killed before its first change leaves no index.
      guard run.status == 0 else {
        #expect(run.error.contains("no index") || run.error.contains("never completed"), "\(run)")
        continue
      }
      let match = try #require(run.error.firstMatch(of: /has (\d+) documents/), "\(run)")
      let count = try #require(Int(match.output.1))
      #expect(count % 256 == 0 || count == 2_000, "\(count)")
      #expect(count >= counts.last ?? 0)
      counts.append(count)
    }
    #expect(counts.count >= 5, "\(counts)")
    let run = try attend("index", "--model", model, "--input", input, "--output", index, "--verify")
    #expect(run.status == 0 && run.error.contains("has 2000 documents"), "\(run)")
    #expect(try results(index, "the cat", "--top", "3").count == 3)
  }
}
