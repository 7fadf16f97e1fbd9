import Foundation
import TestSupport
import Testing

/// Sentences of the user.
extension ExampleTests {
  private typealias Formula = LessonFormula

  private static let sentence = "The bird sings in the tree."

  @Test(arguments: [1, 2], [false, true])
  func `All numbers of a sentence follow from its embeddings`(
    headCount: Int, isCausal: Bool
  ) throws {
    let run = try attend(
      ["example", Self.sentence, "--heads", "\(headCount)"] + (isCausal ? ["--causal"] : []))
    #expect(run.status == 0 && run.error.isEmpty, "\(run)")
    #expect(run.output.hasPrefix("Self-attention for \"\(Self.sentence)\"\n"))
    #expect(run.outputLines[1].contains("not trained"))
    let printed = PrintedLesson(run)
    // After W_V: x, q and k beside each other, then v.
    let rows = printed.rows(after: "W_V = ", table: 0)
    let x = Formula.columns(rows, 0..<4)
    #expect(x.joined().allSatisfy { abs($0) <= 1 && (10 * $0).rounded() == 10 * $0 })
    let projected = ["W_Q", "W_K", "W_V"].map { Formula.product(x, printed.matrix($0)) }
    #expect(Formula.agree(Formula.columns(rows, 4..<8), projected[0], digits: 6))
    #expect(Formula.agree(Formula.columns(rows, 8..<12), projected[1], digits: 6))
    #expect(Formula.agree(printed.rows(after: "W_V = ", table: 1), projected[2], digits: 6))

    let size = 4 / headCount
    let heads = (0..<headCount).map { head in
      let parts = projected.map { Formula.columns($0, head * size..<(head + 1) * size) }
      return Formula(parts[0], parts[1], parts[2], isCausal: isCausal)
    }
    for (index, head) in heads.enumerated() {
      let title = headCount == 1 ? "The same for every word" : "Head \(index), for every word"
      #expect(Formula.agree(printed.rows(after: title, table: 1), head.products))
      #expect(Formula.agree(printed.rows(after: title, table: 3), head.scores))
      let weights = printed.rows(after: title, table: 5).map { Array($0.prefix(7)) }
      #expect(Formula.agree(weights, head.weights))
    }
    guard headCount > 1 else {
      // The outputs do not fit beside the weights.
      let output = printed.rows(after: "The same for every word", table: 6)
      return #expect(Formula.agree(output, heads[0].output))
    }
    let joined = zip(heads[0].output, heads[1].output).map { $0 + $1 }
    let y = Formula.product(joined, printed.matrix("W_O"))
    #expect(
      Formula.agree(printed.rows(after: "W_O = [", table: 0), zip(joined, y).map { $0 + $1 }))
  }

  @Test func `A sentence is an argument, a file, or piped in, with the same numbers`() throws {
    func numbers(_ run: AttendRun) -> String {
      #expect(run.status == 0, "\(run)")
      // The times of the last step differ.
      return run.output.components(separatedBy: "All at once").first ?? ""
    }
    let directory = try TemporaryDirectory()
    let file = try directory.write("\(Self.sentence)\n".utf8, to: "sentence.txt")
    let expected = numbers(try attend("example", Self.sentence))
    #expect(expected.contains("tree"))
    #expect(numbers(try attend("example", "--input", file)) == expected)
    #expect(numbers(try attend("example", "--input", "-", input: Self.sentence)) == expected)
    // Standard input is read only on request.
    #expect(try attend("example", input: "x").output.hasPrefix("Self-attention for \"The cat sat"))
  }

  @Test func `A word has one embedding, with or without capitals, in every sentence`() throws {
    let first = PrintedLesson(try attend("example", "The tree, the bird"))
    let rows = first.rows(after: "W_V = ")
    #expect(rows.count == 5 && rows[0] == rows[3] && rows[0] != rows[1])
    let second = PrintedLesson(try attend("example", "bird's-eye isn't tree"))
    let others = second.rows(after: "W_V = ")
    #expect(others.count == 3 && others[2] == rows[1])
  }

  @Test func `Control characters of a sentence are not printed`() throws {
    let run = try attend("example", "red \u{1B}[31m \u{202E}tree")
    #expect(run.status == 0, "\(run)")
    #expect(!run.output.contains("\u{1B}") && !run.output.contains("\u{202E}"))
  }
}
