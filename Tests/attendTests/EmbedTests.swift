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
      #expect(numbers.count == TinyModel.width)
      #expect(numbers.allSatisfy { $0 != 0 })
    }
  }

  @Test func `Arrays hold the numbers of the lines`() throws {
    let texts = ["the cat", "sat on the mat .", ""]
    let lines = try embed("--input", "-", input: texts.joined(separator: "\n") + "\n")
    let path = directory.path("vectors.npy")
    let run = try attend(
      ["embed", "--model", model, "--format", "npy", "--output", path] + texts)
    #expect(run.status == 0, "\(run)")
    #expect(run.output.isEmpty && run.error.isEmpty)
    let array = try Tensor(npy: path)
    #expect(array.shape == [3, TinyModel.width])
    #expect(try lines.outputLines.flatMap(embedding).map { Float($0) } == array.scalars)
    // The same bytes on standard output.
    let piped = try attend(["embed", "--model", model, "--format", "npy", "--output", "-"] + texts)
    #expect(try piped.outputBytes == bytes(ofFile: path))
  }

  @Test func `No text at all is an array without rows`() throws {
    let input = try directory.write([], to: "empty.txt")
    let path = directory.path("vectors.npy")
    #expect(try embed("--input", input, "--format", "npy", "--output", path).status == 0)
    #expect(try Tensor(npy: path).shape == [0, TinyModel.width])
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

  @Test func `A file of results is replaced at once, through its links`() throws {
    let file = try directory.write("before".utf8, to: "results/vectors.jsonl")
    let link = try directory.link("link.jsonl", to: file)
    #expect(try embed("the cat", "--output", link).status == 0)
    #expect(try bytes(ofFile: file) == embed("the cat").outputBytes)
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == file)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: directory.path("results"))
        == ["vectors.jsonl"])
  }

  @Test func `A failure leaves the file of results as it was`() throws {
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

  @Test func `A text that is too long is cut and said to be, or refused`() throws {
    let long = String(repeating: "cat ", count: TinyModel.maximumLength)
    let run = try embed("the cat", long)
    #expect(run.status == 0)
    #expect(run.outputLines.count == 2)
    #expect(run.error == "1 of 2 texts longer than 16 tokens: cut at the end\n")
    let refused = try embed("the cat", long, "--no-truncation")
    #expect(refused.status == 1)
    #expect(refused.output.isEmpty)
    #expect(refused.error.contains("text 2: 18 tokens, longer than the 16"))
  }

  @Test func `The number of a refused text counts all texts before it`() throws {
    let lines = Array(repeating: "the cat", count: 300) + [String(repeating: "cat ", count: 20)]
    let run = try embed("--input", "-", "--no-truncation", input: lines.joined(separator: "\n"))
    #expect(run.error.contains("text 301"), "\(run)")
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
