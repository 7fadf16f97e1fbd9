import Foundation
import TestSupport
import Testing

/// `attend tokenize`, and how it reads texts from files and pipes.
@Suite struct TokenizeTests {
  private let directory: TemporaryDirectory
  private let model: String

  init() throws {
    directory = try TemporaryDirectory()
    model = try TinyModel.write(to: directory)
  }

  private func tokenize(_ arguments: String..., input: String? = nil) throws -> AttendRun {
    try attend(
      ["tokenize", "--model", model, "--format", "jsonl"] + arguments,
      input: input.map { Array($0.utf8) })
  }

  /// The texts in the lines of the output.
  private func texts(_ run: AttendRun) throws -> [String] {
    #expect(run.status == 0, "\(run)")
    return try run.outputLines.map(jsonText)
  }

  /// The texts that the command reads from a file with these bytes.
  private func texts(inFile bytes: some Sequence<UInt8>, named name: String = "lines.txt") throws
    -> [String]
  {
    try texts(tokenize("--input", directory.write(bytes, to: name)))
  }

  private func expectFailure(
    inFile bytes: some Sequence<UInt8>, named name: String, words: [String],
    _ location: SourceLocation = #_sourceLocation
  ) throws {
    let run = try tokenize("--input", directory.write(bytes, to: name))
    #expect(run.status == 1, "\(run)", sourceLocation: location)
    for word in [name] + words {
      #expect(run.error.contains(word), "\(run)", sourceLocation: location)
    }
  }

  // MARK: - Output

  @Test func `A line of JSON has text, ids, tokens and offsets in that order`() throws {
    let run = try tokenize("the unbelievable cat")
    #expect(
      run.output == """
        {"text": "the unbelievable cat", "ids": [2, 5, 14, 15, 16, 6, 3], \
        "tokens": ["[CLS]", "the", "un", "##believ", "##able", "cat", "[SEP]"], \
        "offsets": [[0, 0], [0, 3], [4, 6], [6, 12], [12, 16], [17, 20], [0, 0]]}

        """)
    #expect(run.error.isEmpty)
  }

  @Test func `--no-special-tokens adds no special tokens, but recognizes those in the text`() throws
  {
    let run = try tokenize("the cat", "[CLS] the [SEP]", "--no-special-tokens")
    let ids = try run.outputLines.map { try jsonObject($0)["ids"] as? [Int] }
    #expect(ids == [[5, 6], [2, 5, 3]], "\(run)")
  }

  @Test func `Offsets count Unicode scalars`() throws {
    let object = try jsonObject(tokenize("🎉 猫 cat").output)
    #expect(
      object["offsets"] as? [[Int]] == [[0, 0], [0, 1], [2, 3], [4, 7], [0, 0]])
  }

  @Test func `The table has a line for each token and an empty line after each text`() throws {
    let run = try attend("tokenize", "--model", model, "the cat", "")
    #expect(
      run.output == """
          2  [CLS]
          5  the    0..<3
          6  cat    4..<7
          3  [SEP]

          2  [CLS]
          3  [SEP]


        """)
  }

  @Test(arguments: [
    "", " ", "\u{0}\u{1}\u{1F}\u{7F}", "quotes \" and \\ and /", "\u{2028}\u{2029}", "\u{301}",
    "e\u{301}", "👩‍👩‍👧‍👦 🏳️‍🌈", "\u{FEFF}mark", "\u{202E}right to left", "tab\tand\rreturn", "\u{10FFFF}",
    "\u{1B}[31mred",
  ])
  func `JSON preserves any text`(text: String) throws {
    // Compares Unicode scalars, because equality of strings ignores normalization. The text comes from a
    // file, because an argument cannot contain NUL.
    let line = try JSONSerialization.data(withJSONObject: ["text": text])
    let texts = try texts(inFile: line, named: "lines.jsonl")
    #expect(texts.count == 1)
    #expect(texts.first.map { Array($0.unicodeScalars) } == Array(text.unicodeScalars))
  }

  // MARK: - Arguments and standard input

  @Test func `Texts after -- may start with a dash`() throws {
    let run = try tokenize("--", "-x", "--help", "-")
    #expect(try texts(run) == ["-x", "--help", "-"])
  }

  @Test func `A dash is standard input as a file name, and a text as an argument`() throws {
    #expect(try texts(tokenize("--input", "-", input: "the cat\nsat\n")) == ["the cat", "sat"])
    #expect(try texts(tokenize("-", input: "the cat\n")) == ["-"])
  }

  @Test func `A pipe and a FIFO are read to their end`() throws {
    let piped = try shell(
      """
      (echo the; sleep 0.2; printf 'cat\\nsat') |
        "$0" tokenize --format jsonl --input - --model "$1"
      """, model)
    #expect(try texts(piped) == ["the", "cat", "sat"])
    let named = try shell(
      #"(echo the; echo cat) > "$2" & "$0" tokenize --format jsonl --input "$2" --model "$1""#,
      model, try directory.pipe("fifo"))
    #expect(try texts(named) == ["the", "cat"])
  }

  // MARK: - Lines

  @Test func `Lines end with LF, CR LF or the end of the file`() throws {
    #expect(try texts(inFile: "the\r\ncat\n\n sat \nit".utf8) == ["the", "cat", "", " sat ", "it"])
    #expect(try texts(inFile: "the\n".utf8) == ["the"])
    #expect(try texts(inFile: "\n".utf8) == [""])
    #expect(try texts(inFile: "".utf8) == [])
    #expect(try texts(inFile: "the\rcat\n".utf8) == ["the\rcat"])
  }

  @Test func `A byte order mark is not part of the first line`() throws {
    #expect(try texts(inFile: "\u{FEFF}the\n\u{FEFF}cat\n".utf8) == ["the", "\u{FEFF}cat"])
    #expect(try texts(inFile: "\u{FEFF}\"the\"\n".utf8, named: "lines.jsonl") == ["the"])
  }

  @Test func `Lines may cross the boundaries of read buffers`() throws {
    let lines = (0..<400).map { String(repeating: "x", count: ($0 * 37) % 1_000) }
    #expect(try texts(inFile: lines.joined(separator: "\n").utf8) == lines)
  }

  @Test func `A line of a megabyte is one text`() throws {
    let line = String(repeating: "x ", count: 1 << 19)
    #expect(try texts(inFile: line.utf8) == [line])
  }

  @Test func `Invalid UTF-8 is refused with the number of its line`() throws {
    let bytes = Array("the\ncat \u{E9}\n".utf8) + [0x63, 0xE9, 0x0A]
    try expectFailure(inFile: bytes, named: "lines.txt", words: ["UTF-8", "line 3"])
    // A surrogate, and a sequence that the end of the file truncates.
    try expectFailure(
      inFile: [0xED, 0xA0, 0x80], named: "lines.txt", words: ["UTF-8", "line 1"])
    try expectFailure(inFile: [0x0A, 0xC3], named: "lines.txt", words: ["UTF-8", "line 2"])
  }

  @Test func `Lines before a malformed line are processed`() throws {
    let run = try tokenize(
      "--input", directory.write(Array("the\n".utf8) + [0xFF], to: "lines.txt"))
    #expect(run.status == 1)
    #expect(run.outputLines.count == 1)
  }

  // MARK: - JSON Lines

  @Test func `JSON lines are strings or objects with a text`() throws {
    let lines = #"""
      "the cat"
      {"id": 7, "text": "sat", "tags": ["a"]}
       "\u0065\ud83c\udf89\n\"" 
      {"text":""}
      """#
    #expect(
      try texts(inFile: lines.utf8, named: "lines.jsonl") == ["the cat", "sat", "e🎉\n\"", ""])
  }

  @Test(arguments: [
    "", "the", "{\"text\": 3}", "{}", "[\"the\"]", "null", "\"the", "\"a\" \"b\"",
    "{\"text\": \"a\", \"text\": \"b\"}", "\"\\ud800\"",
  ])
  func `Malformed JSON is refused with the number of its line`(line: String) throws {
    try expectFailure(
      inFile: "\"the\"\n\(line)\n".utf8, named: "lines.jsonl", words: ["line 2"])
  }

  @Test func `Very deep nesting is refused`() throws {
    let line = String(repeating: "[", count: 100_000)
    try expectFailure(inFile: line.utf8, named: "lines.jsonl", words: ["line 1", "nesting"])
  }
}
