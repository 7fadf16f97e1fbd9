import Attention
import Benchmarks
import Foundation
import TestSupport
import Testing

@Suite struct ExampleTests {
  private typealias Formula = LessonFormula

  static let x = [[1, 0], [0, 1], [0.6, 0.8], [0.8, 0.2], [1, 0], [0.1, 0.9], [0.3, 0.3]]
  /// Q, K and V of the classic example.
  static let q = LessonFormula.product(x, [[0.1, 0.3], [0.2, 0.1]])
  static let k = LessonFormula.product(x, [[0.3, 0.4], [0.7, 0.2]])
  static let v = LessonFormula.product(x, [[0.5, 0.6], [0.1, 0.9]])

  // MARK: - The classic example

  @Test func `The classic sentence has its numbers, typed or not`() throws {
    func numbers(_ run: AttendRun) -> [String] {
      // The times differ.
      Array(run.outputLines.prefix { !$0.contains("All at once") && !$0.contains("all at once") })
    }
    let typed = try attend("example", "The cat sat on the mat.")
    let untyped = try attend("example")
    #expect(typed.status == 0 && numbers(typed) == numbers(untyped))
  }

  @Test func `The numbers of the example equal those computed by hand`() throws {
    let run = try attend("example")
    #expect(run.status == 0)
    #expect(run.error.isEmpty)
    let the = run.outputLines.first { $0.hasPrefix("  The  0.1000") }
    #expect(the?.contains("  0.1000  0.0707  ") == true, "\(run)")
    #expect(run.output.contains(#"for "The": 0.2 · 0.3 + 0.1 · 0.4 = 0.1."#))
    // The sum row of step 2, and a row for each of the seven words.
    // e^0.1329, to the last digit.
    #expect(run.outputLines.contains("  sat  0.1880  0.1329    1.1422  0.1491  [0.0566, 0.1610]"))
    let rows = run.outputLines.filter { $0.contains("  1.0000  [") }
    #expect(rows.count == 8, "\(run)")
    for word in ["The query says", "The key says", "The value is"] {
      #expect(run.output.contains("   \(word) "))
    }
  }

  @Test func `The scores, weights and outputs of all words equal the formula`() throws {
    let run = PrintedLesson(try attend("example"))
    let expected = Formula(Self.q, Self.k, Self.v)
    #expect(Formula.agree(run.rows(after: "   Scores QKᵀ:"), expected.products))
    #expect(Formula.agree(run.rows(after: "   Scaled scores"), expected.scores))
    let rows = zip(expected.weights, expected.output).map { $0 + [1] + $1 }
    #expect(Formula.agree(run.rows(after: "   Weights softmax"), rows))
  }

  @Test func `Every backend is close to the reference`() throws {
    let lines = try attend("example").outputLines
    let start = try #require(lines.firstIndex { $0.contains("largest difference from reference") })
    let rows = lines[(start + 1)...].prefix { !$0.isEmpty }
    #expect(
      rows.compactMap { $0.split(separator: " ").first }.map(String.init) == Backend.all.map(\.name)
    )
    for row in rows {
      let distance = row.split(separator: " ").last.flatMap { Double($0) }
      #expect(distance ?? 1 < 1e-6, "\(row)")
    }
  }

  @Test func `With larger numbers, "cat" attends to "sat" and "mat"`() throws {
    let run = try attend("example")
    let scores = [0, 0, 6, 6 * 0.2 + 5 * 0.3, 0, 5, 0].map { $0 / 2.0.squareRoot() }
    let sum = scores.reduce(0) { $0 + exp($1) }
    let printed = PrintedLesson(run).rows(after: "W_Q = [6 5", table: 0).map { Array($0.suffix(2)) }
    #expect(Formula.agree(printed, scores.map { [$0, exp($0) / sum] }), "\(printed)")
    #expect(exp(scores[2]) / sum > 0.6 && exp(scores[5]) / sum > 0.29)
    #expect(run.output.contains(#""cat" attends most to "sat" (61 %) and "mat" (30 %)."#))
    // The mask of the lesson would hide both words.
    #expect(try attend("example", "--causal").output.contains(#""sat" (61 %) and "mat" (30 %)."#))
  }

  @Test func `All tokens together are compared with one after the other`() throws {
    let run = try attend("example")
    let rows = PrintedLesson(run).rows(after: "All at once: 256 tokens of 64 features", table: 0)
    // The first line of the table counts as its title.
    let together = run.outputLines.first { $0.hasPrefix("  all tokens together") }
    let time = together?.split(separator: " ").compactMap { Double($0) }.last ?? 0
    let (inTurn, ratio) = (rows.first?.last ?? 0, rows.last?.last ?? 0)
    #expect(time > 0 && inTurn > 0 && ratio > 0, "\(run)")
    // Each of the three numbers is rounded.
    #expect(abs(ratio * time - inTurn) <= 0.06 * time + 0.006 * ratio + 0.006, "\(run)")
    let distance = run.output.firstMatch(of: /outputs differ by at most ([0-9.e+-]+)\./)?.output.1
    #expect(distance.flatMap { Double($0) } ?? 1 < 1e-5, "\(run)")
  }

  @Test(arguments: [
    ["example"], ["example", "--heads", "2", "--causal"], ["example", "--without-scale"],
    ["example", "a b c d e f g h i j k l", "--heads", "4"],
    ["example", "Antidisestablishmentarianism, internationalization! 猫が好きです", "--causal"],
  ])
  func `No line is wider than 100 columns`(arguments: [String]) throws {
    let run = try attend(arguments)
    #expect(run.status == 0, "\(run)")
    for line in run.outputLines { #expect(line.count <= 100, "\(line)") }
  }

  // MARK: - Options

  @Test func `A causal mask hides later words`() throws {
    let run = try attend("example", "--causal")
    let printed = PrintedLesson(run)
    let expected = Formula(Self.q, Self.k, Self.v, isCausal: true)
    #expect(Formula.agree(printed.rows(after: "   Scaled scores"), expected.scores))
    let rows = zip(expected.weights, expected.output).map { $0 + [1] + $1 }
    #expect(Formula.agree(printed.rows(after: "   Weights softmax"), rows))
    #expect(rows[0].prefix(2) == [1, 0])
    #expect(run.outputLines.contains("  sat  0.1880      -∞    0.0000  0.0000  [0.0000, 0.0000]"))
  }

  @Test func `Heads attend separately, and W_O combines them`() throws {
    let printed = PrintedLesson(try attend("example", "--heads", "2"))
    let heads = (0..<2).map { head in
      let range = head..<head + 1
      return Formula(
        Formula.columns(Self.q, range), Formula.columns(Self.k, range),
        Formula.columns(Self.v, range))
    }
    for (index, head) in heads.enumerated() {
      let title = "Head \(index), for every word"
      let rows = zip(head.weights, head.output).map { $0 + [1] + $1 }
      // Below the title: the name and the table of the scores, of the scaled scores, of the weights.
      #expect(Formula.agree(printed.rows(after: title, table: 1), head.products))
      #expect(Formula.agree(printed.rows(after: title, table: 5), rows))
    }
    let joined = zip(heads[0].output, heads[1].output).map { $0 + $1 }
    let y = Formula.product(joined, [[1, 0.2], [0.3, 1]])
    #expect(printed.matrix("W_O") == [[1, 0.2], [0.3, 1]])
    #expect(
      Formula.agree(printed.rows(after: "W_O = ", table: 0), zip(joined, y).map { $0 + $1 }))
  }

  @Test func `Without the scale, the softmax saturates and its gradient vanishes`() throws {
    let run = try attend("example", "--without-scale")
    let printed = PrintedLesson(run)
    let expected = Formula(Self.q, Self.k, Self.v, isScaled: false)
    let rows = zip(expected.weights, expected.output).map { $0 + [1] + $1 }
    #expect(Formula.agree(printed.rows(after: "   Weights softmax(QKᵀ)"), rows))

    let table = printed.rows(after: "Why scores are scaled")
    for (row, dimension) in zip(table, [2, 8, 32, 128, 512]) {
      let measures = try [true, false].map { try self.measures(dimension, isScaled: $0) }
      let weights = measures.map(\.largestWeight)
      #expect(Formula.agree([Array(row.prefix(2))], [weights]), "\(dimension): \(weights)")
      for (printed, norm) in zip(row.suffix(2), measures.map(\.gradientNorm)) {
        #expect(abs(printed - norm) < 2e-6 + 1e-5 * norm, "\(dimension): \(norm)")
      }
    }
    let last = try #require(table.last)
    #expect(table.count == 5 && last[0] < 0.5 && last[1] > 0.9, "\(run)")
    #expect(last[2] > 0.5 && last[3] < 1e-3, "\(run)")
    #expect(!(try attend("example").output.contains("Why scores are scaled")))
  }

  /// The mean of the largest weight of a query, and the median of the norm of the gradient of its scores.
  private func measures(
    _ dimension: Int, isScaled: Bool
  ) throws -> (largestWeight: Double, gradientNorm: Double) {
    var generator = BenchGenerator(seed: 1)
    let (q, k, v, gradient) = try (
      rows(of: generator.normalTensor([64, dimension])),
      rows(of: generator.normalTensor([8, dimension])),
      rows(of: generator.normalTensor([8, 8])), rows(of: generator.normalTensor([64, 8]))
    )
    let result = Formula(q, k, v, isScaled: isScaled)
    let norms = gradient.indices.map { query in
      // dP = dO Vᵀ, dS = P ∘ (dP − Σ P ∘ dP).
      let change = v.map { value in zip(value, gradient[query]).reduce(0) { $0 + $1.0 * $1.1 } }
      let weights = result.weights[query]
      let mean = zip(weights, change).reduce(0) { $0 + $1.0 * $1.1 }
      return zip(weights, change).reduce(0) { $0 + pow($1.0 * ($1.1 - mean), 2) }.squareRoot()
    }.sorted()
    let largest = result.weights.map { $0.max() ?? 0 }.reduce(0, +) / 64
    return (largest, norms[32])
  }

  private func rows(of tensor: Tensor) -> [[Double]] { tensor.rows.map { $0.map(Double.init) } }

  @Test func `The backend and the number of threads do not change the lesson`() throws {
    func table(_ arguments: String...) throws -> [[Double]] {
      PrintedLesson(try attend(["example"] + arguments)).rows(after: "   Weights softmax")
    }
    let expected = try table()
    #expect(try table("--backend", "reference") == expected)
    #expect(try table("--backend", "native", "--threads", "1") == expected)
  }

  @Test func `Without a terminal, no step waits`() throws {
    let run = try attend("example", "--step", input: "x\n")
    #expect(run.status == 0 && run.error.isEmpty, "\(run)")
    #expect(run.outputLines.contains { $0.hasPrefix("6. All at once") })
  }

  @Test(.enabled(if: Terminal.isAvailable), arguments: ["\n\n\n\n\n", "\n\u{4}\u{4}\u{4}\u{4}"])
  func `On a terminal, each step waits for Enter or the end of input`(typed: String) throws {
    let terminal = try Terminal(columns: 80)
    let process = try AttendProcess(
      attendPath, ["example", "--step"], inputTerminal: terminal.handle)
    usleep(500_000)
    #expect(process.isRunning)
    terminal.type(typed)
    let run = try process.finished()
    #expect(run.status == 0, "\(run)")
    #expect(run.error.components(separatedBy: "Enter for the next step: ").count == 6, "\(run)")
    #expect(run.outputLines.contains { $0.hasPrefix("6. All at once") })
  }

  @Test(arguments: [
    (["--heads", "0"], ["--heads", "at least 1", "got 0"]),
    (["--heads", "-2"], ["--heads", "at least 1", "got -2"]),
    (["--heads", "two"], ["--heads", "two"]),
    (["--heads", "3"], ["--heads", "3 heads", "2 features", "queries"]),
    (["a cat", "--heads", "5"], ["--heads", "at most 4", "got 5"]),
    (["a", "cat"], ["one sentence", "got 2", "quotes"]), ([""], ["sentence: no words"]),
    ([" \n\t"], ["sentence: no words"]),
    (["a b c d e f g h i j k, l"], ["at most 12 words", "got 13"]),
    (["a cat", "--matrices", "m.json"], ["sentence", "--matrices", "not both"]),
    (["a cat", "--input", "f"], ["sentence", "--input", "not both"]),
    (["--matrices", "none.json"], ["--matrices none.json: no such file"]),
    (["--matrices", "/"], ["--matrices /: is a directory"]), (["--matrices", ""], ["empty path"]),
    (["--input", "none.txt"], ["--input none.txt: no such file"]),
    (["--backend", "gpu"], ["--backend", "gpu"]), (["--threads", "0"], ["--threads", "got 0"]),
  ])
  func `A wrong argument is refused`(arguments: [String], words: [String]) throws {
    let run = try attend(["example"] + arguments)
    #expect(run.status == 2 && run.output.isEmpty, "\(run)")
    let first = run.error.prefix { $0 != "\n" }
    for word in words { #expect(first.contains(word), "\(run)") }
    #expect(run.error.contains("\nUsage: attend example"), "\(run)")
  }
}
