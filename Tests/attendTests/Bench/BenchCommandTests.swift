import Attention
import Foundation
import TestSupport
import Testing

/// The output and the files of `attend bench`. No test asserts a time.
@Suite struct BenchCommandTests {
  private let directory: TemporaryDirectory
  private let model: String

  init() throws {
    directory = try TemporaryDirectory()
    model = try TinyModel.write(to: directory)
  }

  private static let quick = ["--seconds", "0.001", "--repetitions", "2"]

  private func bench(_ arguments: String...) throws -> AttendRun {
    try attend(["bench"] + arguments + Self.quick)
  }

  /// The object that a run printed.
  private func object(_ run: AttendRun) throws -> [String: Any] {
    #expect(run.status == 0, "\(run)")
    // On a busy machine, more threads may be slower, which gives a warning.
    #expect(run.error.split(separator: "\n").allSatisfy { $0.hasPrefix("warning: ") }, "\(run)")
    #expect(run.outputLines.count == 1)
    return try jsonObject(run.output)
  }

  private func rows(_ run: AttendRun) throws -> [[String: Any]] {
    try #require(try object(run)["rows"] as? [[String: Any]])
  }

  private func number(_ row: [String: Any], _ key: String) throws -> Double {
    try #require(row[key] as? Double, "\(key)")
  }

  /// The amount of work of a run, from its rate and duration.
  private func work(_ row: [String: Any], _ rate: String) throws -> Double {
    try number(row, rate) * number(row, "median_seconds")
  }

  private func expectSound(_ row: [String: Any]) throws {
    #expect(try number(row, "best_seconds") > 0)
    #expect(try number(row, "best_seconds") <= number(row, "median_seconds"))
    #expect(try number(row, "repetitions") >= 2)
    #expect(try number(row, "error") <= number(row, "error_bound"))
  }

  // MARK: - Results

  @Test func `There is a row for each shape, backend and number of threads`() throws {
    let run = try bench(
      "operator", "--shape", "2x5..10x3,1x4x8:causal", "--shape", "2x1x4:keys=7", "--backend",
      "portable,openblas", "--threads", "1,2", "--no-peak", "--format", "json")
    let rows = try rows(run)
    let names = ["2x5x3", "2x10x3", "1x4x8:causal", "2x1x4:keys=7"]
    #expect(
      rows.map { "\($0["name"] ?? "") \($0["backend"] ?? "") \($0["threads"] ?? "")" }
        == names.flatMap { name in
          ["portable 1", "portable 2", "openblas 1", "openblas 2"].map { "\(name) \($0)" }
        })
    for row in rows {
      try expectSound(row)
      #expect(row["peak_share"] is NSNull)
    }
    let works = try stride(from: 0, to: 16, by: 4).map { try work(rows[$0], "gflops") * 1e9 }
    let expected: [Double] = [4 * 2 * 25 * 3, 4 * 2 * 100 * 3, 2 * 16 * 8, 4 * 2 * 7 * 4]
    for (work, expected) in zip(works, expected) { #expect(abs(work / expected - 1) < 1e-6) }
    #expect(rows[0]["gigabytes_per_second"] is NSNull)
    let bytes = try work(rows[12], "gigabytes_per_second") * 1e9
    #expect(abs(bytes / (2 * 4 * 2 * 7 * 4) - 1) < 1e-6)
  }

  @Test func `The JSON describes the machine and has its peak for each number of threads`() throws {
    let object = try object(
      bench("operator", "--shape", "2x8x4", "--threads", "1", "--format", "json"))
    #expect(object["benchmark"] as? String == "operator")
    let machine = try #require(object["machine"] as? [String: Any])
    for key in ["processor", "system", "openblas_version", "openblas_core", "swift", "version"] {
      #expect((machine[key] as? String)?.isEmpty == false, "\(key)")
    }
    let settings = try #require(object["settings"] as? [String: Double])
    #expect(settings == ["repetitions": 2, "seconds": 0.001])
    let peaks = try #require(object["peaks"] as? [[String: Any]])
    #expect(peaks.map { $0["threads"] as? Int } == [1])
    #expect(try number(peaks[0], "gflops") > 0)
    let row = try #require((object["rows"] as? [[String: Any]])?.first)
    let share = try number(row, "gflops") / number(row, "peak_gflops")
    #expect(abs(try number(row, "peak_share") / share - 1) < 1e-9)
    #expect(try number(object, "peak_memory_bytes") > 1e6)
  }

  @Test func `The table has a heading and a line for each row`() throws {
    let run = try bench("operator", "--shape", "2x5x3,2x1x4:keys=7", "--threads", "1", "--no-peak")
    #expect(run.status == 0, "\(run)")
    #expect(run.output.contains("OpenBLAS") && run.output.contains("attend 0."))
    let heading = try #require(run.outputLines.first { $0.contains("median ms") })
    for word in ["threads", "best", "GFLOP/s", "GB/s read", "error"] {
      #expect(heading.contains(word))
    }
    #expect(!heading.contains("of peak") && !heading.contains("texts/s"))
    for name in ["2x5x3", "2x1x4:keys=7"] {
      #expect(run.outputLines.count { $0.hasPrefix("  \(name) ") } == 1)
    }
  }

  @Test func `Layers are timed at each length`() throws {
    let rows = try rows(
      bench(
        "layer", "--hidden-size", "12", "--heads", "3", "--intermediate-size", "20", "--tokens",
        "4..8", "--no-peak",
        "--threads", "2", "--format", "json"))
    #expect(
      rows.map { $0["name"] as? String } == [
        "MultiHeadAttention 4", "MultiHeadAttention 8", "TransformerBlock 4", "TransformerBlock 8",
      ])
    for row in rows { try expectSound(row) }
    let attention: Double = 2 * 4 * 4 * 144 + 4 * 16 * 12
    let feedForward: Double = 2 * 4 * 2 * 240
    #expect(abs(try work(rows[0], "gflops") * 1e9 - attention) < 1e-3)
    #expect(abs(try work(rows[2], "gflops") * 1e9 - attention - feedForward) < 1e-3)
    #expect(abs(try work(rows[3], "tokens_per_second") - 8) < 1e-6)
  }

  @Test func `Matrix products are timed with each backend, with transposed weights too`() throws {
    let rows = try rows(
      bench(
        "gemm", "--shape", "3x5x7,4..8x6x5:weights", "--backend", "openblas,portable,reference",
        "--no-peak", "--format", "json"))
    #expect(
      rows.map { $0["name"] as? String }
        == ["3x5x7", "4x6x5:weights", "8x6x5:weights"].flatMap { [$0, $0, $0] })
    for row in rows { try expectSound(row) }
    #expect(abs(try work(rows[0], "gflops") * 1e9 - 2 * 3 * 5 * 7) < 1e-3)
  }

  @Test func `An encoder is timed on texts of equal length`() throws {
    let rows = try rows(
      bench(
        "encoder", "--model", model, "--shape", "3x5", "--no-peak", "--format", "json",
        "--arrays", directory.path("arrays")))
    try expectSound(rows[0])
    let weights: Double = 2 * 15 * (4 * 64 + 2 * 8 * 16)
    let pairs: Double = 3 * 4 * 25 * 8
    #expect(abs(try work(rows[0], "gflops") * 1e9 - 2 * (weights + pairs)) < 1e-2)
    #expect(abs(try work(rows[0], "tokens_per_second") - 15) < 1e-6)
    let ids = try NPYArray(contentsOf: directory.path("arrays/3x5/ids.npy"))
    #expect(ids.shape == [3, 5])
    let hidden = try Tensor(npy: directory.path("arrays/3x5/output.npy"))
    #expect(hidden.shape == [3, 5, TinyModel.hiddenSize])
  }

  @Test func `A corpus is timed from characters to embeddings`() throws {
    let texts = ["the cat", "", "the unbelievable cat sat on the mat ."]
    let file = try directory.write(texts.joined(separator: "\n").utf8, to: "corpus.txt")
    let rows = try rows(
      bench(
        "corpus", file, "--model", model, "--no-peak", "--format", "json", "--arrays",
        directory.path("arrays")))
    #expect(rows.map { $0["name"] as? String } == ["corpus.txt"])
    try expectSound(rows[0])
    #expect(abs(try work(rows[0], "texts_per_second") - 3) < 1e-6)
    #expect(abs(try work(rows[0], "tokens_per_second") - (4 + 2 + 12)) < 1e-6)
    let embedded = try attend(
      ["embed", "--model", model, "--format", "npy", "--output", directory.path("e.npy")] + texts)
    #expect(embedded.status == 0)
    let (found, expected) = (
      try Tensor(npy: directory.path("arrays/corpus.txt/output.npy")),
      try Tensor(npy: directory.path("e.npy"))
    )
    #expect(found.shape == expected.shape)
    #expect(largestDistance(found.scalars, expected.scalars.map(Double.init)) < 1e-6)
  }

  @Test func `A tokenizer is timed on a file, or on the sample by default`() throws {
    let file = try directory.write("the cat\n\u{732B} sat\n".utf8, to: "texts.txt")
    let own = try rows(
      bench("tokenizer", file, "--model", model, "--format", "json"))
    try expectSound(own[0])
    #expect(abs(try work(own[0], "tokens_per_second") - 8) < 1e-6)
    #expect(abs(try work(own[0], "text_megabytes_per_second") * 1e6 - 14) < 1e-6)
    let sample = try rows(bench("tokenizer", "--model", model, "--format", "json"))
    #expect(sample.map { $0["name"] as? String } == ["sample"])
    try expectSound(sample[0])
    #expect(sample[0]["backend"] is NSNull)
  }

  // MARK: - Files

  @Test func `--arrays writes inputs and results that reproduce each other`() throws {
    let run = try bench(
      "operator", "--shape", "2x5x3:causal", "--no-peak", "--arrays", directory.path("arrays"))
    #expect(run.status == 0, "\(run)")
    func array(_ name: String) throws -> Tensor {
      try Tensor(npy: directory.path("arrays/2x5x3:causal/\(name).npy"))
    }
    let output = try attention(
      queries: array("queries"), keys: array("keys"), values: array("values"), mask: .causal,
      on: .reference)
    #expect(output.shape == [5, 2, 3])
    #expect(largestDistance(try array("output").scalars, output.scalars.map(Double.init)) < 1e-6)
  }

  @Test func `--arrays writes the mask and the bias`() throws {
    let run = try bench(
      "operator", "--shape", "2x5x3:mask:bias", "--no-peak", "--arrays", directory.path("arrays"))
    #expect(run.status == 0, "\(run)")
    func path(_ name: String) -> String {
      directory.path("arrays/2x5x3:mask:bias/\(name).npy")
    }
    let mask = try BooleanTensor(npy: path("mask"))
    #expect(mask.shape == [5, 5] && Set(mask.elements) == [true, false])
    let output = try attention(
      queries: Tensor(npy: path("queries")), keys: Tensor(npy: path("keys")),
      values: Tensor(npy: path("values")),
      options: AttentionOptions(bias: Tensor(npy: path("bias")), mask: .keeping(mask)),
      on: .reference
    ).output
    let found = try Tensor(npy: path("output"))
    #expect(largestDistance(found.scalars, output.scalars.map(Double.init)) < 1e-6)
  }

  @Test func `A plot has a line for each series, a marker for each row, and the peak`() throws {
    let path = directory.path("speed.svg")
    let run = try bench(
      "operator", "--shape", "2x8..16x3,2x8..16x3:causal", "--threads", "1,2", "--plot", path)
    #expect(run.status == 0, "\(run)")
    let svg = String(decoding: try bytes(ofFile: path), as: UTF8.self)
    #expect(svg.hasPrefix("<svg xmlns=\"http://www.w3.org/2000/svg\""))
    #expect(svg.hasSuffix("</svg>\n"))
    func count(_ part: String) -> Int { svg.components(separatedBy: part).count - 1 }
    #expect(count("<polyline") == 4)
    // Two lengths, two series and two numbers of threads; in the legend, one marker for each series and one
    // for each number of threads.
    #expect(count("<circle") == 2 * 2 * 2 + 2 + 2)
    // Two peak lines, and two samples in the legend.
    #expect(count("class=\"peak p") == 4)
    for text in [
      "softmax(QKᵀ/√d) V, 2 heads<", ">d = 3<", ">d = 3, causal<", "1 thread<", "2 threads<",
      "sgemm peak, 1 thread: ", "GFLOP/s", "length in tokens", "prefers-color-scheme:dark",
      "<title>2x16x3:causal, threads 2: ",
    ] { #expect(svg.contains(text), "\(text)") }
    #expect(!svg.contains("nan") && !svg.contains("inf"))
  }

  @Test func `A row's memory does not depend on the rows before it`() throws {
    let shapes = "16x64x64,4x2048x64,1x16x8,4x2048x64,16x64x64,4x2048x64"
    let rows = try rows(
      bench("operator", "--shape", shapes, "--threads", "1,2", "--no-peak", "--format", "json"))
    var figures: [String: [Double]] = [:]
    for row in rows {
      let key = "\(row["name"] ?? ""), \(row["threads"] ?? "")"
      figures[key, default: []].append(try number(row, "work_memory_bytes"))
    }
    // Linux updates its page counts in batches for each processor, so they are precise to about 1 MB.
    let precision = 1.2e6
    for (name, bytes) in figures {
      #expect((bytes.max() ?? 0) - (bytes.min() ?? 0) < precision, "\(name): \(bytes)")
    }
    // At least the result: 2048 tokens, 4 heads, 64 features.
    let large = try #require(figures["4x2048x64, 1"])
    #expect(large.allSatisfy { $0 > 4 * 2048 * 4 * 64 - precision && $0 < 16e6 }, "\(large)")
  }

  @Test func `A row's memory includes scratch memory that is kept for the next run`() throws {
    let rows = try rows(
      bench(
        "layer", "--hidden-size", "64", "--heads", "1", "--intermediate-size", "8192", "--tokens",
        "128",
        "--threads", "1", "--no-peak", "--format", "json"))
    // The activations of at least 64 tokens between the two products of the feed-forward layer.
    #expect(try number(rows[1], "work_memory_bytes") > 64 * 8192 * 4 - 100e3)
  }

  // MARK: - Errors

  @Test(arguments: [
    (["operator", "--shape", "12x128"], ["--shape", "HxLxD", "12x128"]),
    (["operator", "--shape", "0x1x1"], ["--shape", "0x1x1"]),
    (["operator", "--shape", "1x8..4x1"], ["--shape", "8..4"]),
    (["operator", "--shape", "1x1x1:banded"], ["--shape", "banded"]),
    (["operator", "--shape", "1x1x1:keys=x"], ["--shape", "keys=x"]),
    (["operator", "--shape", ""], ["--shape"]),
    (["operator", "--threads", "1,0"], ["--threads", "0"]),
    (["operator", "--threads", "1,,2"], ["--threads", "1,,2"]),
    (["operator", "--backend", "abacus"], ["--backend", "abacus", "portable"]),
    (["operator", "--repetitions", "0"], ["--repetitions", "0"]),
    (["operator", "--seconds", "-1"], ["--seconds", "-1"]),
    (["operator", "--seconds", "nan"], ["--seconds", "nan"]),
    (["operator", "--format", "svg"], ["--format", "svg"]),
    (["operator", "--plot", "/no/such/folder/p.svg"], ["--plot", "p.svg", "cannot be written"]),
    (["operator", "--plot", "speed.png"], ["--plot", ".svg", "'speed.png'"]),
    (["gemm", "--plot", "speed.svg.gz"], ["--plot", ".svg", "'speed.svg.gz'"]),
    (["layer", "--plot", "svg"], ["--plot", ".svg", "'svg'"]),
    (["encoder", "--plot", ""], ["--plot", ".svg", "''"]),
    (["operator", "--arrays", "/no/such/folder"], ["--arrays", "/no/such/folder"]),
    (["operator", "--arrays", ""], ["--arrays", "empty"]),
    (["gemm", "--shape", "1x2"], ["--shape", "MxNxK"]),
    (["gemm", "--shape", "1x2x3:bias"], ["--shape", ":weights"]),
    (["layer", "--hidden-size", "10", "--heads", "3"], ["--hidden-size", "10", "3 heads"]),
    (["layer", "--tokens", "none"], ["--tokens", "none"]),
    (["encoder", "--shape", "8"], ["--shape", "BxT"]),
    (["encoder", "--model", "no-such-model"], ["no-such-model"]),
    (["corpus"], ["file"]), (["corpus", "/no/such/file"], ["/no/such/file", "no such file"]),
    (["corpus", "/dev/null"], ["/dev/null", "no text"]),
    (["tokenizer", "/no/such/file"], ["no such file"]),
    (["tokenizer", "--threads", "1"], ["--threads"]), (["ponder"], ["ponder"]),
  ])
  func `An invalid argument is a usage error with its flag and value`(
    arguments: [String], words: [String]
  ) throws {
    let run = try attend(["bench"] + arguments)
    #expect(run.status == 2, "\(run)")
    #expect(run.output.isEmpty)
    let first = run.error.prefix { $0 != "\n" }
    #expect(first.hasPrefix("Error: "), "\(run)")
    for word in words { #expect(first.contains(word), "\(run)") }
    let name = arguments[0] == "ponder" ? "" : " \(arguments[0])"
    #expect(run.error.contains("\nUsage: attend bench\(name)"), "\(run)")
    #expect(run.error.contains("See 'attend bench\(name) --help'"), "\(run)")
  }

  @Test func `More tokens than the context length are refused`() throws {
    let run = try bench("encoder", "--model", model, "--shape", "1x17")
    #expect(run.status == 2)
    for word in ["--shape", "17 tokens", " 16"] { #expect(run.error.contains(word), "\(run)") }
  }
}
