import Attention
import Foundation
import TestSupport
import Testing

/// The output and the files of `attend bench generate`, with a model of a few thousand weights.
@Suite struct BenchGenerateTests {
  private let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
  }

  private static let sizes = [
    "--layers", "1", "--hidden-size", "32", "--intermediate-size", "64", "--heads", "2",
    "--key-value-heads", "2",
    "--vocabulary-size", "96",
  ]
  private static let lengths = ["--prompt", "5", "--tokens", "3", "--prompts", "3", "--beams", "2"]
  private static let quick = ["--seconds", "0", "--repetitions", "1"]

  private func object(_ arguments: String...) throws -> [String: Any] {
    let run = try attend(
      ["bench", "generate", "--format", "json"] + Self.lengths + Self.quick + arguments)
    #expect(run.status == 0, "\(run)")
    #expect(run.error.isEmpty, "\(run)")
    return try jsonObject(run.output)
  }

  private func rows(_ object: [String: Any]) throws -> [[String: Any]] {
    try #require(object["rows"] as? [[String: Any]])
  }

  private func random(_ arguments: String...) throws -> [[String: Any]] {
    let run = try attend(
      ["bench", "generate", "--format", "json", "--no-peak"] + Self.lengths + Self.quick
        + Self.sizes + arguments)
    #expect(run.status == 0, "\(run)")
    return try rows(try jsonObject(run.output))
  }

  private func number(_ row: [String: Any], _ key: String) throws -> Double {
    try #require(row[key] as? Double, "\(key)")
  }

  @Test func `There is a row for each format, case and number of threads`()
    throws
  {
    let rows = try random("--weights", "bfloat16,int8-groups", "--threads", "1,2")
    let works = ["prefill 5", "decode 3", "decode 3x3", "greedy 2x3", "beams 2x3"]
    #expect(
      rows.map { "\($0["name"] ?? "") \($0["threads"] ?? "")" }
        == ["bfloat16", "int8-groups"].flatMap { format in
          works.flatMap { work in [1, 2].map { "\(format) \(work) \($0)" } }
        })
    for row in rows { #expect(try number(row, "error") <= number(row, "error_bound")) }
    let tokens = try rows[..<10].map {
      try (number($0, "tokens_per_second") * number($0, "median_seconds")).rounded()
    }
    #expect(tokens == [5, 5, 3, 3, 9, 9, 6, 6, 3, 3])
  }

  @Test func `The default is all weight formats`() throws {
    let rows = try random("--case", "decode", "--threads", "1")
    let formats = ["float32", "bfloat16", "float16", "int8", "int8-groups"]
    #expect(rows.map { $0["name"] as? String } == formats.map { "\($0) decode 3" })
  }

  /// Four attention projections, three feed-forward matrices, and the output layer. All sizes are multiples
  /// of the panel size, so there is no padding.
  @Test(arguments: [("float32", 4.0, 0.0), ("float16", 2, 0), ("int8", 1, 4)])
  func `A step reads every weight and the cached keys and values once`(
    format: String, element: Double, scale: Double
  ) throws {
    let row = try #require(
      random("--weights", format, "--case", "decode", "--threads", "1").first)
    let weights: Double = 4 * 32 * 32 + 3 * 32 * 64 + 96 * 32
    let features: Double = 5 * 32 + 2 * 64 + 96
    // Three steps with 6, 7 and 8 tokens in the cache.
    let keysAndValues: Double = (6 + 7 + 8) * 2 * (16 + 16) * 4
    let bytes = try number(row, "gigabytes_per_second") * 1e9 * number(row, "median_seconds")
    #expect(abs(bytes - 3 * (element * weights + scale * features) - keysAndValues) < 1e-3)
    #expect(row["gflops"] is NSNull)
  }

  @Test func `Prefill takes two operations for each token and weight of the blocks`() throws {
    let row = try #require(
      random("--weights", "float32", "--case", "prefill", "--threads", "1").first)
    let blocks: Double = 4 * 32 * 32 + 3 * 32 * 64
    let operations = try number(row, "gflops") * 1e9 * number(row, "median_seconds")
    #expect(abs(operations - 2 * (5 * blocks + 96 * 32)) < 1e-3)
    #expect(row["gigabytes_per_second"] is NSNull)
  }

  @Test func `Decoding rows have the fraction of the memory bandwidth that they use`() throws {
    let object = try object(
      "--layers", "1", "--hidden-size", "8", "--intermediate-size", "8", "--heads", "2",
      "--key-value-heads", "1",
      "--vocabulary-size", "32", "--weights", "float32", "--case", "decode", "--threads", "1")
    #expect(object["benchmark"] as? String == "generate")
    let memory = try #require(object["memory"] as? [[String: Any]])
    #expect(memory.map { $0["threads"] as? Int } == [1])
    #expect(try number(memory[0], "gigabytes_per_second") > 0)
    let row = try #require(rows(object).first)
    let share =
      try number(row, "gigabytes_per_second") / number(row, "memory_gigabytes_per_second")
    #expect(abs(try number(row, "memory_share") / share - 1) < 1e-9)
  }

  @Test func `Decoding steps with a cache give the logits of one pass over the whole text`() throws
  {
    func logits(_ work: String, prompt: Int, prompts: Int) throws -> (ids: NPYArray, Tensor) {
      let folder = directory.path("\(work)\(prompts)")
      let rows = try random(
        "--weights", "float32", "--case", work, "--prompt", "\(prompt)", "--prompts", "\(prompts)",
        "--threads", "1", "--arrays", folder)
      let name = try #require(rows.first?["name"] as? String)
      return (
        try NPYArray(contentsOf: "\(folder)/\(name)/ids.npy"),
        try Tensor(npy: "\(folder)/\(name)/output.npy")
      )
    }
    let whole = try logits("prefill", prompt: 8, prompts: 1)
    let steps = try logits("decode", prompt: 5, prompts: 1)
    let batch = try logits("batch", prompt: 5, prompts: 3)
    #expect(whole.ids.shape == [1, 8] && steps.ids.shape == [1, 8])
    #expect(batch.ids.shape == [3, 8])
    #expect(batch.1.shape == [3, 96])
    let expected = whole.1.scalars.map(Double.init)
    #expect(largestDistance(steps.1.scalars, expected) < 1e-5)
    #expect(largestDistance(try batch.1.rows(0..<1).scalars, expected) < 1e-5)
    #expect(largestDistance(try batch.1.rows(1..<2).scalars, expected) > 1e-2)
  }

  @Test func `A model's weights keep the format of their files by default`() throws {
    let model = URL(fileURLWithPath: #filePath)
      .appendingPathComponent("../../../AttentionModelsTests/Fixtures/LanguageModels/llama")
      .standardizedFileURL.path
    let object = try object("--model", model, "--no-peak", "--threads", "1", "--case", "decode")
    let rows = try rows(object)
    #expect(rows.map { $0["name"] as? String } == ["decode 3"])
    #expect(try number(rows[0], "error") <= number(rows[0], "error_bound"))
    #expect((object["memory"] as? [Any])?.isEmpty == true)
  }

  @Test(arguments: [
    (["--weights", "int4"], ["--weights", "int4", "int8-groups"]),
    (["--case", "encode"], ["--case", "encode", "prefill"]),
    (["--tokens", "0"], ["--tokens", "0"]), (["--prompt", "-1"], ["--prompt", "-1"]),
    (["--beams", "1000"], ["--beams", "1000"]), (["--prompts", "x"], ["--prompts", "x"]),
    (["--hidden-size", "36", "--heads", "4"], ["--hidden-size", "36", "4 heads", "divisible"]),
    (
      ["--heads", "12", "--key-value-heads", "5"],
      ["--heads", "12", "5 key-value heads", "divisible"]
    ),
    (["--model", "no-such-model"], ["no-such-model"]),
  ])
  func `An invalid argument is a usage error with its flag and value`(
    arguments: [String], words: [String]
  ) throws {
    let run = try attend(["bench", "generate"] + arguments)
    #expect(run.status == 2, "\(run)")
    #expect(run.output.isEmpty)
    let first = run.error.prefix { $0 != "\n" }
    #expect(first.hasPrefix("Error: "), "\(run)")
    for word in words { #expect(first.contains(word), "\(run)") }
  }
}
