import Attention
import Foundation
import TestSupport
import Testing

@Suite struct EmbedTests {
  private let directory: TemporaryDirectory
  private let model: String

  init() throws {
    directory = try TemporaryDirectory()
    model = try TinyModel.write(to: directory)
  }

  private func embed(_ arguments: String..., input: String? = nil) throws -> AttendRun {
    try attend(["embed", "--model", model] + arguments, input: input.map { Array($0.utf8) })
  }

  private func embedding(_ line: String) throws -> [Double] {
    try #require(try jsonObject(line)["embedding"] as? [Double])
  }

  @Test func `There is one line for each text, with the text and its embedding`() throws {
    let run = try embed("the cat", "sat", "")
    #expect(run.status == 0, "\(run)")
    #expect(run.error.isEmpty)
    #expect(run.outputLines.count == 3)
    #expect(run.output.hasPrefix(#"{"text": "the cat", "embedding": ["#))
    for line in run.outputLines {
      let numbers = try embedding(line)
      #expect(numbers.count == TinyModel.hiddenSize)
      #expect(numbers.allSatisfy { $0 != 0 })
    }
  }

  @Test func `The array has the same numbers as the lines of JSON`() throws {
    let texts = ["the cat", "sat on the mat .", ""]
    let lines = try embed("--input", "-", input: texts.joined(separator: "\n") + "\n")
    let path = directory.path("vectors.npy")
    let run = try attend(
      ["embed", "--model", model, "--format", "npy", "--output", path] + texts)
    #expect(run.status == 0, "\(run)")
    #expect(run.output.isEmpty && run.error.isEmpty)
    let array = try Tensor(npy: path)
    #expect(array.shape == [3, TinyModel.hiddenSize])
    #expect(try lines.outputLines.flatMap(embedding).map { Float($0) } == array.scalars)
    // The same bytes on standard output.
    let piped = try attend(["embed", "--model", model, "--format", "npy", "--output", "-"] + texts)
    #expect(try piped.outputBytes == bytes(ofFile: path))
  }

  @Test func `An empty file is an array without rows`() throws {
    let input = try directory.write([], to: "empty.txt")
    let path = directory.path("vectors.npy")
    #expect(try embed("--input", input, "--format", "npy", "--output", path).status == 0)
    #expect(try Tensor(npy: path).shape == [0, TinyModel.hiddenSize])
    #expect(try embed("--input", input).outputBytes.isEmpty)
  }

  @Test(arguments: ["openblas", "portable", "reference"])
  func `Backends and threads agree`(backend: String) throws {
    let expected = try embed("the cat sat on the mat .", "--backend", "reference")
    for threads in ["1", "3"] {
      let run = try embed("the cat sat on the mat .", "--backend", backend, "--threads", threads)
      let distance = zip(try embedding(run.output), try embedding(expected.output))
        .map { abs($0 - $1) }.max()
      #expect(distance ?? .infinity < 1e-5)
    }
  }

  @Test func `Weights in a narrow format change the embeddings slightly`() throws {
    let exact = try embedding(embed("the cat sat on the mat").output)
    let narrow = try embedding(embed("the cat sat on the mat", "--weights", "int8").output)
    let distance = zip(exact, narrow).map { abs($0 - $1) }.max() ?? 0
    #expect(distance > 0 && distance < 0.1, "\(distance)")
  }

  @Test func `An array has the rows of all texts, in order`() throws {
    let words = ["the", "cat", "sat", "on", "mat"]
    let lines = (0..<600).map { words[$0 % 5] + " " + words[$0 / 5 % 5] }
    let path = directory.path("vectors.npy")
    let input = lines.joined(separator: "\n")
    #expect(try embed("--input", "-", "--output", path, input: input).status == 0)
    let rows = try Tensor(npy: path).rows
    #expect(rows.count == 600)
    let objects = try embed("--input", "-", input: input).outputLines
    for index in [0, 255, 256, 599] {
      #expect(try embedding(objects[index]).map { Float($0) } == rows[index])
    }
  }

  @Test func `An output file is replaced atomically, through its links`() throws {
    let file = try directory.write("before".utf8, to: "results/vectors.jsonl")
    let link = try directory.link("link.jsonl", to: file)
    #expect(try embed("the cat", "--output", link).status == 0)
    #expect(try bytes(ofFile: file) == embed("the cat").outputBytes)
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == file)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: directory.path("results"))
        == ["vectors.jsonl"])
  }

  @Test func `A failure leaves the output file unchanged`() throws {
    let input = try directory.write(Array("the cat\n".utf8) + [0xFF], to: "lines.txt")
    let output = try directory.write("before".utf8, to: "results/vectors.jsonl")
    for format in ["jsonl", "npy"] {
      let run = try embed("--input", input, "--output", output, "--format", format)
      #expect(run.status == 1)
      #expect(run.error.contains("UTF-8") && run.error.contains("line 2"))
      #expect(try bytes(ofFile: output) == Array("before".utf8))
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: directory.path("results"))
          == ["vectors.jsonl"])
    }
  }

  @Test func `A text that is too long is truncated with a message, or refused`() throws {
    let long = String(repeating: "cat ", count: TinyModel.maxLength)
    let run = try embed("the cat", long)
    #expect(run.status == 0)
    #expect(run.outputLines.count == 2)
    for word in ["1 of 2 texts", "16 tokens"] { #expect(run.error.contains(word), "\(run)") }
    let refused = try embed("the cat", long, "--no-truncation")
    #expect(refused.status == 1)
    #expect(refused.output.isEmpty)
    for word in ["text 2: ", "18 tokens", " 16"] {
      #expect(refused.error.contains(word), "\(refused)")
    }
  }

  @Test func `An error about a line has its number in the whole input`() throws {
    let lines = Array(repeating: "the cat", count: 300) + [String(repeating: "cat ", count: 20)]
    let run = try embed("--input", "-", "--no-truncation", input: lines.joined(separator: "\n"))
    #expect(run.error.contains("standard input, line 301: "), "\(run)")
  }

  @Test func `The default format of an .npy file is an array`() throws {
    let path = directory.path("vectors.npy")
    #expect(try embed("the cat", "sat", "--output", path).status == 0)
    #expect(try Tensor(npy: path).shape == [2, TinyModel.hiddenSize])
    #expect(try embed("the cat", "--output", path, "--format", "jsonl").status == 0)
    #expect(try bytes(ofFile: path) == embed("the cat").outputBytes)
  }

  // MARK: - Text format

  /// The lines that a terminal with `columns` columns shows.
  private func shown(_ arguments: [String], columns: UInt16 = 80) throws -> [String] {
    let terminal = try Terminal(columns: columns)
    let run = try AttendProcess(
      attendPath, ["embed", "--model", model] + arguments, terminal: terminal.handle
    ).finished()
    #expect(run.status == 0 && run.error.isEmpty, "\(run)")
    let lines = terminal.lines()
    #expect(lines.last?.isEmpty == true)
    for line in lines { #expect(line.count <= columns, "\(line)") }
    return lines.dropLast()
  }

  /// The numbers of a row after its label.
  private func numbers(_ line: String, count: Int) -> [Double] {
    line.split(separator: " ").suffix(count).compactMap { Double($0) }
  }

  @Test(.enabled(if: Terminal.isAvailable))
  func `A terminal gets the shape, norms, first numbers and cosines`() throws {
    let texts = ["the cat", "sat on the mat .", ""]
    let lines = try shown(texts)
    let vectors = try attend(["embed", "--model", model] + texts).outputLines.map(embedding)
    func product(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).map(*).reduce(0, +) }
    try #require(lines.count == 15, "\(lines)")
    #expect(lines[0].hasPrefix("3 texts, shape [3, 8]"))
    for (index, vector) in vectors.enumerated() {
      let row = lines[5 + index]
      let first = row.split(separator: " ").prefix(6).compactMap { Double($0) }
      try #require(first.count == 6 && first[0] == Double(index + 1), "\(row)")
      #expect(abs(first[1] - product(vector, vector).squareRoot()) < 6e-4, "\(row)")
      for (shown, number) in zip(first[2...], vector) {
        #expect(abs(shown - number) < 6e-5, "\(row)")
      }
      #expect(row.hasSuffix("…  \(texts[index].isEmpty ? "\"\"" : texts[index])"), "\(row)")
    }
    #expect(lines[9] == "Cosine similarity:")
    #expect(numbers(lines[11], count: 3) == [1, 2, 3])
    for (index, vector) in vectors.enumerated() {
      let cosines = numbers(lines[12 + index], count: 3)
      try #require(cosines.count == 3, "\(lines[12 + index])")
      #expect(cosines[index] == 1, "\(lines[12 + index])")
      for (shown, other) in zip(cosines, vectors) {
        let norms = (product(vector, vector) * product(other, other)).squareRoot()
        #expect(abs(shown - product(vector, other) / norms) < 6e-3, "\(lines[12 + index])")
      }
    }
    // --format text gives the same output without a terminal.
    #expect(
      try attend(["embed", "--model", model, "--format", "text"] + texts).outputLines == lines)
  }

  @Test(.enabled(if: Terminal.isAvailable))
  func `One text on a terminal has no table of cosines`() throws {
    let lines = try shown(["the cat"])
    #expect(lines.count == 6 && lines[0].hasPrefix("1 text, shape [1, 8]"), "\(lines)")
  }

  @Test(.enabled(if: Terminal.isAvailable), arguments: [(30, 2), (60, 12), (80, 20), (200, 20)])
  func `Every pair of texts has a cosine on a terminal of any width`(
    columns: UInt16, count: Int
  ) throws {
    let lines = try shown((1...count).map { "the cat sat on mat number \($0)" }, columns: columns)
    var pairs: Set<[Int]> = []
    var header: [Int] = []
    for line in lines.drop(while: { $0 != "Cosine similarity:" }).dropFirst() {
      let words = line.split(separator: " ")
      if words.allSatisfy({ Int($0) != nil }) {
        header = words.compactMap { Int($0) }
      } else if let row = words.first.flatMap({ Int($0) }) {
        #expect(words.suffix(header.count).allSatisfy { $0.contains(".") }, "\(line)")
        for column in header { pairs.insert([min(row, column), max(row, column)]) }
      }
    }
    #expect(pairs.count == count * (count + 1) / 2, "\(lines)")
  }

  @Test(.enabled(if: Terminal.isAvailable))
  func `Beyond twenty texts the last line says how many are not shown`() throws {
    let input = try directory.write(
      (1...23).map { "the cat \($0)" }.joined(separator: "\n").utf8, to: "lines.txt")
    let lines = try shown(["--input", input])
    #expect(lines[0].hasPrefix("23 texts, shape [23, 8]"))
    #expect(lines.last?.hasPrefix("3 more texts are not shown; --format jsonl") == true)
    #expect(lines.contains { $0.hasSuffix("the cat 20") })
    #expect(!lines.contains { $0.contains("the cat 21") })
  }

  @Test(.enabled(if: Terminal.isAvailable))
  func `A text cannot disturb the table`() throws {
    let lines = try shown(
      ["a\tb\nc\u{1B}[31md\u{202E}e", String(repeating: "猫", count: 12)], columns: 50)
    #expect(lines.contains { $0.contains(#"a b c\u{1b}[31m"#) }, "\(lines)")
    #expect(!lines.contains { $0.contains("\u{1B}") || $0.contains("\u{202E}") })
    // Each character takes two cells, and the ellipsis one.
    let wide = try #require(lines.first { $0.contains("猫") })
    #expect(wide.hasSuffix("猫…") && wide.count { $0 == "猫" } == 8, "\(wide)")
    #expect(wide.count + 8 <= 50, "\(wide)")
  }

  @Test(.enabled(if: Terminal.isAvailable))
  func `A terminal gets JSON with --format jsonl, and never an array`() throws {
    let lines = try shown(["the cat", "--format", "jsonl"], columns: 2_000)
    #expect(lines.joined() + "\n" == (try embed("the cat").output))
    let terminal = try Terminal(columns: 80)
    let run = try AttendProcess(
      attendPath, ["embed", "x", "--model", model, "--format", "npy"], terminal: terminal.handle
    ).finished()
    #expect(run.status == 2 && run.error.contains("--format npy"), "\(run)")
  }

  @Test(.enabled(if: FetchedModel.isThere))
  func `A cat on a mat is closer to a feline on a rug than to shares at the exchange`() throws {
    let run = try attend(
      "embed", "A cat sat on the mat.", "A feline rested on a rug.", "Shares fell sharply today.")
    #expect(run.status == 0, "\(run)")
    let vectors = try run.outputLines.map(embedding)
    func cosine(_ a: Int, _ b: Int) -> Double { zip(vectors[a], vectors[b]).map(*).reduce(0, +) }
    #expect(abs(cosine(0, 0) - 1) < 1e-5)
    #expect(cosine(0, 1) > 0.5)
    #expect(cosine(0, 2) < 0.2)
  }
}
