import Attention
import Foundation
import TestSupport
import Testing

@Suite struct AttentionCommandTests {
  private let directory: TemporaryDirectory
  private let q: Tensor
  private let k: Tensor
  private let v: Tensor

  init() throws {
    directory = try TemporaryDirectory()
    var generator = SeededGenerator(seed: 3)
    q = try generator.normalTensor([5, 4, 3])
    k = try generator.normalTensor([7, 2, 3])
    v = try generator.normalTensor([7, 2, 6])
    try q.writeNPY(to: directory.path("q.npy"))
    try k.writeNPY(to: directory.path("k.npy"))
    try v.writeNPY(to: directory.path("v.npy"))
  }

  private func compute(_ arguments: String...) throws -> AttendRun {
    let files = ["queries": "q", "keys": "k", "values": "v", "output": "o"]
      .flatMap { ["--\($0)", directory.path("\($1).npy")] }
    return try attend(["attention"] + files + arguments)
  }

  /// softmax(scale · QKᵀ, masked) in Double, `[head, query, key]`.
  private func weights(
    scale: Double? = nil, keeps: (_ query: Int, _ key: Int) -> Bool = { _, _ in true }
  ) throws -> [[[Double]]] {
    (0..<4).map { head in
      (0..<5).map { query in
        let scores = (0..<7).map { key in
          guard keeps(query, key) else { return -Double.infinity }
          let products = (0..<3).map { Double(q[query, head, $0] * k[key, head / 2, $0]) }
          return products.reduce(0, +) * (scale ?? 1 / 3.0.squareRoot())
        }
        let exponentials = scores.map { exp($0) }
        let sum = exponentials.reduce(0, +)
        return exponentials.map { sum == 0 ? 0 : $0 / sum }
      }
    }
  }

  private func output(_ weights: [[[Double]]]) throws -> [Double] {
    var output: [Double] = []
    for query in 0..<5 {
      for head in 0..<4 {
        for feature in 0..<6 {
          output.append(
            (0..<7).reduce(0.0) {
              $0 + weights[head][query][$1] * Double(v[$1, head / 2, feature])
            })
        }
      }
    }
    return output
  }

  private func expectOutput(
    _ weights: [[[Double]]], of run: AttendRun, _ location: SourceLocation = #_sourceLocation
  ) throws {
    #expect(run.status == 0, "\(run)", sourceLocation: location)
    #expect(run.output.isEmpty && run.error.isEmpty, sourceLocation: location)
    let result = try Tensor(npy: directory.path("o.npy"))
    #expect(result.shape == [5, 4, 6], sourceLocation: location)
    #expect(
      largestDistance(result.scalars, try output(weights)) < 1e-5, sourceLocation: location)
  }

  @Test(arguments: ["openblas", "native", "portable", "reference"])
  func `The output is softmax(QKᵀ / √dk) V by every backend`(backend: String) throws {
    try expectOutput(weights(), of: compute("--backend", backend, "--threads", "2"))
  }

  @Test(arguments: [0, -0.5, 2.25])
  func `--scale sets the scale`(scale: Double) throws {
    try expectOutput(weights(scale: scale), of: compute("--scale", "\(scale)"))
    try expectOutput(weights(scale: scale), of: compute("--scale=\(scale)"))
  }

  @Test func `A causal query attends to no later key`() throws {
    try expectOutput(weights { $1 <= $0 + 2 }, of: compute("--causal"))
    try expectOutput(
      weights { $1 <= $0 }, of: compute("--causal", "--causal-alignment", "top-left"))
  }

  @Test func `A mask lets a query attend where it is true`() throws {
    let mask = (0..<35).map { $0 % 3 != 0 && $0 / 7 != 4 }
    try NPYArray(shape: [5, 7], elements: .bool(mask)).write(to: directory.path("m.npy"))
    try expectOutput(weights { mask[$0 * 7 + $1] }, of: compute("--mask", directory.path("m.npy")))
    try expectOutput(
      weights { mask[$0 * 7 + $1] && $1 <= $0 + 2 },
      of: compute("--mask", directory.path("m.npy"), "--causal"))
  }

  @Test func `Packed sequences do not attend to each other`() throws {
    let run = try compute("--lengths", "2,3", "--key-lengths", "4,3")
    try expectOutput(weights { ($0 < 2) == ($1 < 4) }, of: run)
  }

  @Test func `Weights and log-sum-exp are written in addition to the output`() throws {
    let run = try compute(
      "--weights", directory.path("w.npy"), "--log-sum-exp", directory.path("l.npy"))
    let expected = try weights()
    try expectOutput(expected, of: run)
    let written = try Tensor(npy: directory.path("w.npy"))
    #expect(written.shape == [4, 5, 7])
    #expect(largestDistance(written.scalars, expected.flatMap { $0.flatMap(\.self) }) < 1e-6)
    #expect(try Tensor(npy: directory.path("l.npy")).shape == [4, 5])
    #expect(
      try directory.contents == ["k.npy", "l.npy", "o.npy", "q.npy", "v.npy", "w.npy"])
  }

  @Test func `The output may replace an input file`() throws {
    let run = try compute("--output", directory.path("q.npy"))
    #expect(run.status == 0, "\(run)")
    #expect(
      largestDistance(try Tensor(npy: directory.path("q.npy")).scalars, try output(weights()))
        < 1e-5)
  }

  // MARK: - Errors

  /// Expects an error that leaves no output file, complete or partial.
  private func expectFailure(
    _ run: AttendRun, status: Int32 = 1, naming words: [String],
    _ location: SourceLocation = #_sourceLocation
  ) throws {
    #expect(run.status == status, "\(run)", sourceLocation: location)
    for word in words {
      #expect(run.error.contains(word), "\(run)", sourceLocation: location)
    }
    let left = try directory.contents.filter { $0 == "o.npy" || $0.hasSuffix(".part") }
    #expect(left.isEmpty, sourceLocation: location)
  }

  /// Writes a random array of this shape and returns its path.
  private func array(_ name: String, _ shape: Shape) throws -> String {
    var generator = SeededGenerator(seed: 4)
    try generator.normalTensor(shape).writeNPY(to: directory.path(name))
    return directory.path(name)
  }

  struct Misfit: Sendable, CustomTestStringConvertible {
    let flag: String
    let shape: Shape
    /// Parts of the error that describe the expected shape.
    let words: [String]
    var testDescription: String { "\(flag) \(shape)" }
  }

  static let misfits = [
    Misfit(
      flag: "--keys", shape: [7, 2, 4], words: ["head dimension 3", "--queries ", "[5, 4, 3]"]),
    Misfit(flag: "--keys", shape: [7, 3, 3], words: ["4 heads", "--queries ", "[5, 4, 3]"]),
    Misfit(flag: "--values", shape: [6, 2, 6], words: ["--keys ", "[7, 2, 3]"]),
    Misfit(flag: "--values", shape: [7, 1, 6], words: ["2 heads", "--keys ", "[7, 2, 3]"]),
    Misfit(flag: "--queries", shape: [5, 3], words: ["[token, head, dimension]"]),
    Misfit(flag: "--keys", shape: [5], words: ["[token, head, dimension]"]),
    Misfit(flag: "--values", shape: [5, 3], words: ["[token, head, dimension]"]),
    Misfit(flag: "--queries", shape: [5, 0, 3], words: ["at least 1 head"]),
    Misfit(flag: "--bias", shape: [4, 5, 8], words: ["[5, 7]", "4 or 1"]),
    Misfit(flag: "--sinks", shape: [3], words: ["[4]"]),
    Misfit(flag: "--gradient", shape: [5, 4, 7], words: ["[5, 4, 6]"]),
  ]

  @Test(arguments: misfits)
  func `An error about a shape has the flag, the file and the expected shape`(
    misfit: Misfit
  ) throws {
    let path = try array("misfit.npy", misfit.shape)
    let gradient =
      misfit.flag == "--gradient" ? ["--gradient-output", directory.path("gradients")] : []
    let files = ["queries": "q", "keys": "k", "values": "v", "output": "o"]
      .flatMap { ["--\($0)", directory.path("\($1).npy")] }
    let run = try attend(["attention"] + files + [misfit.flag, path] + gradient)
    try expectFailure(run, naming: ["got shape \(misfit.shape)"] + misfit.words)
    #expect(run.error.hasPrefix("Error: \(misfit.flag) \(path): expected "), "\(run)")
    // The error has no argument name of the library, and an empty folder is removed.
    for name in [" queries ", " keys ", " values ", "output gradient"] {
      #expect(!run.error.contains(name), "\(run)")
    }
    #expect(try !directory.contents.contains("gradients"))
  }

  @Test func `An error about the sum of lengths has the flag and the file`() throws {
    let (q, k) = (directory.path("q.npy"), directory.path("k.npy"))
    try expectFailure(
      compute("--lengths", "2,2"), naming: ["--lengths: ", "4", "5 tokens of --queries \(q)"])
    try expectFailure(
      compute("--lengths", "2,3"), naming: ["--lengths: ", "5", "7 tokens of --keys \(k)"])
    try expectFailure(
      compute("--lengths", "2,3", "--key-lengths", "4,4"),
      naming: ["--key-lengths: ", "8", "7 tokens of --keys \(k)"])
    try expectFailure(
      compute("--lengths", "\(Int.max),1"), naming: ["overflow", "--lengths"])
    try expectFailure(
      compute("--lengths", "2,3", "--key-lengths", "\(Int.max),1"),
      naming: ["overflow", "--key-lengths"])
  }

  @Test(arguments: [
    ("--scale", "nan"), ("--scale", "inf"), ("--scale", "big"), ("--softcap", "0"),
    ("--softcap", "-1"), ("--softcap", "nan"), ("--prefix", "-1"), ("--window", "-2,0"),
    ("--window", "1"), ("--lengths", "-2,7"), ("--lengths", "2,x"), ("--lengths", "2,,3"),
    ("--lengths", ""), ("--lengths", "99999999999999999999"), ("--key-lengths", "7"),
    ("--threads", "0"), ("--threads", "x"), ("--backend", "x"), ("--causal-alignment", "x"),
  ])
  func `An invalid value is a usage error with its flag`(
    flag: String, value: String
  ) throws {
    let run = try compute(flag, value)
    try expectFailure(run, status: 2, naming: ["\nUsage: attend attention"])
    let first = run.error.split(separator: "\n").first ?? ""
    #expect(first.contains(flag), "\(run)")
    let named = value == "-2,7" ? "-2" : value
    #expect(first.contains(named) || ["", "7"].contains(value), "\(run)")
  }

  @Test func `Different numbers of lengths for queries and keys are a usage error`() throws {
    try expectFailure(
      compute("--lengths", "2,3", "--key-lengths", "7"), status: 2,
      naming: ["--key-lengths", "2 lengths", "got 1"])
  }

  @Test func `An error about the shape or type of a mask has its file`() throws {
    let path = directory.path("m.npy")
    try NPYArray(shape: [5, 6], elements: .bool(Array(repeating: true, count: 30))).write(to: path)
    try expectFailure(compute("--mask", path), naming: ["--mask \(path)", "[5, 6]"])
    try expectFailure(
      compute("--mask", directory.path("q.npy")),
      naming: ["--mask \(directory.path("q.npy"))", "b1"])
  }

  @Test func `Missing files are usage errors`() throws {
    for flag in ["--queries", "--keys", "--values", "--mask", "--bias", "--sinks"] {
      let path = directory.path("none.npy")
      let run = try compute(flag, path)
      try expectFailure(
        run, status: 2, naming: ["Error: \(flag) \(path): no such file", "Usage:"])
    }
  }

  @Test func `An error about a file that is not an array has its flag and path`() throws {
    let path = try directory.write("not an array".utf8, to: "text.npy")
    for flag in ["--queries", "--keys", "--values", "--mask", "--bias", "--sinks"] {
      try expectFailure(compute(flag, path), naming: ["\(flag) \(path): not an .npy file"])
    }
    try expectFailure(
      compute("--keys", directory.pipe("fifo.npy")), naming: ["fifo.npy", "regular file"])
  }

  @Test func `If an output cannot be written, no output is written`() throws {
    let run = try compute("--weights", directory.path("none/w.npy"))
    try expectFailure(run, status: 2, naming: ["--weights", "none/w.npy", "Usage:"])
    let long = String(repeating: "n", count: 300)
    try expectFailure(
      compute("--weights", directory.path(long)), status: 2, naming: ["--weights", "too long"])
  }

  @Test func `The same file for two results is refused, even if the paths differ`() throws {
    for other in ["o.npy", "./o.npy", "../\((directory.path as NSString).lastPathComponent)/o.npy"]
    {
      let run = try compute("--weights", directory.path(other))
      try expectFailure(
        run, status: 2, naming: ["--output", "--weights \(directory.path(other))", "same file"])
    }
    let link = try directory.link("link.npy", to: directory.path("q.npy"))
    let run = try compute("--output", link, "--weights", directory.path("q.npy"))
    try expectFailure(run, status: 2, naming: ["link.npy", "same file"])
  }
}
