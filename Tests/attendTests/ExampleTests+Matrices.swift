import Foundation
import TestSupport
import Testing

/// Files with tokens and matrices.
extension ExampleTests {
  private typealias Formula = LessonFormula

  private static let given =
    #""queries": [[1, 0], [0, 1]], "keys": [[1, 0], [0.5, -1]], "values": [[1, 2], [3, 4]]"#
  private static let embeddings = #""embeddings": [[1, 2, 0.5], [-1, 0, 3]]"#
  private static let projections =
    #""W_Q": [[1, 0], [0, 1], [1, 1]], "W_K": [[2, 0], [0, 1], [0, 1]], "W_V": [[1], [2], [3]]"#

  private func example(_ json: String, _ arguments: String...) throws -> AttendRun {
    let directory = try TemporaryDirectory()
    let path = try directory.write(json.utf8, to: "matrices.json")
    return try attend(["example", "--matrices", path] + arguments)
  }

  @Test func `Queries, keys and values come from a file`() throws {
    let run = try example(#"{"tokens": ["a", "b"], \#(Self.given)}"#)
    #expect(run.status == 0 && run.error.isEmpty, "\(run)")
    let expected = Formula([[1, 0], [0, 1]], [[1, 0], [0.5, -1]], [[1, 2], [3, 4]])
    let printed = PrintedLesson(run)
    #expect(Formula.agree(printed.rows(after: "   Scores QKᵀ:"), expected.products))
    let rows = zip(expected.weights, expected.output).map { $0 + [1] + $1 }
    #expect(Formula.agree(printed.rows(after: "   Weights softmax"), rows))
    #expect(!run.output.contains("W_Q"))
  }

  @Test func `Embeddings and projections come from a file, with W_O`() throws {
    let run = try example(
      #"{"tokens": ["a", "b"], \#(Self.embeddings), \#(Self.projections), "W_O": [[2, -1, 0.25]]}"#,
      "--causal")
    #expect(run.status == 0, "\(run)")
    let printed = PrintedLesson(run)
    let x = [[1, 2, 0.5], [-1, 0, 3]]
    let expected = Formula(
      Formula.product(x, [[1, 0], [0, 1], [1, 1]]),
      Formula.product(x, [[2, 0], [0, 1], [0, 1]]),
      Formula.product(x, [[1], [2], [3]]), isCausal: true)
    let rows = zip(expected.weights, expected.output).map { $0 + [1] + $1 }
    #expect(Formula.agree(printed.rows(after: "   Weights softmax"), rows))
    let y = Formula.product(expected.output, [[2, -1, 0.25]])
    #expect(
      Formula.agree(printed.rows(after: "W_O = "), zip(expected.output, y).map { $0 + $1 }))
  }

  @Test func `Heads without W_O are concatenated`() throws {
    let run = try example(#"{"tokens": ["a", "b"], \#(Self.given)}"#, "--heads", "2")
    #expect(run.status == 0 && run.output.contains("The file has no W_O"), "\(run)")
    let odd = try example(
      #"{"tokens": ["a", "b"], \#(Self.embeddings), \#(Self.projections)}"#, "--heads", "2")
    #expect(
      odd.status == 2 && odd.error.contains("2 heads do not divide the 1 feature of the values"))
  }

  @Test func `Large scores do not overflow`() throws {
    let run = try example(
      #"{"tokens": ["a"], "queries": [[1000]], "keys": [[1000]], "values": [[-1000]]}"#)
    #expect(run.status == 0 && !run.output.contains("nan") && !run.output.contains("inf"), "\(run)")
    #expect(run.output.contains("e^(scaled - max)"))
  }

  @Test(arguments: [
    ("", ["JSON, byte 0"]), ("[1]", ["expected object, got array"]), ("{}", ["missing key tokens"]),
    (#"{"tokens": ["a"], "tokens": ["b"]}"#, ["duplicate key"]),
    (#"{"tokens": "a"}"#, ["tokens: expected array"]),
    (#"{"tokens": []}"#, ["tokens: expected 1 to 12 strings, got 0"]),
    (#"{"tokens": [1,2,3,4,5,6,7,8,9,10,11,12,13]}"#, ["expected 1 to 12 strings, got 13"]),
    (#"{"tokens": ["a", 1]}"#, ["tokens[1]: expected a string", "got 1"]),
    (#"{"tokens": [""]}"#, ["tokens[0]: expected a string that is not empty"]),
    (#"{"tokens": ["a", "b"]}"#, ["no matrices", "queries, keys, values", "embeddings, W_Q"]),
    (#"{"tokens": ["a"], "W_q": [[1]]}"#, ["unknown key W_q", "W_Q"]),
    (
      #"{"tokens": ["a", "b"], \#(given), \#(embeddings)}"#,
      ["queries and embeddings exclude each other"]
    ),
    (#"{"tokens": ["a", "b"], \#(embeddings)}"#, ["missing key W_Q"]),
    (#"{"tokens": ["a", "b", "c"], \#(given)}"#, ["queries: expected 3 rows", "tokens, got 2"]),
    (#"{"tokens": ["a"], "queries": 1}"#, ["queries: expected array, got 1"]),
    (#"{"tokens": ["a"], "queries": [1]}"#, ["queries[0]: expected an array of numbers, got 1"]),
    (#"{"tokens": ["a"], "queries": [[]]}"#, ["queries[0]: expected 1 to 8 numbers, got 0"]),
    (
      #"{"tokens": ["a"], "queries": [[1,2,3,4,5,6,7,8,9]]}"#,
      ["queries[0]: expected 1 to 8 numbers, got 9"]
    ),
    (
      #"{"tokens": ["a", "b"], "queries": [[1, 2], [3]]}"#,
      ["queries[1]: expected 2 numbers, as in queries[0], got 1"]
    ),
    (#"{"tokens": ["a"], "queries": [["x"]]}"#, ["queries[0][0]: expected a number", "x"]),
    (#"{"tokens": ["a"], "queries": [[1e30]]}"#, ["queries[0][0]", "-1000 to 1000", "1e30"]),
    (#"{"tokens": ["a"], "queries": [[NaN]]}"#, ["NaN"]),
    (
      #"{"tokens": ["a"], "queries": [[1]], "keys": [[1, 2]], "values": [[1]]}"#,
      ["keys: expected 1 column, as queries has, got 2"]
    ),
    (#"{"tokens": ["a"], "queries": [[1]], "keys": [[1]]}"#, ["missing key values"]),
    (
      #"{"tokens": ["a", "b"], \#(embeddings), "W_Q": [[1, 2]]}"#,
      ["W_Q: expected 3 rows, the number of columns of embeddings, got 1"]
    ),
    (
      #"{"tokens": ["a", "b"], \#(embeddings), \#(projections), "W_O": [[1], [2]]}"#,
      ["W_O: expected 1 row, the number of columns of W_V, got 2"]
    ),
  ])
  func `A malformed file is refused with its name, the key and the sizes`(
    json: String, words: [String]
  ) throws {
    let run = try example(json)
    #expect(run.status == 1 && run.output.isEmpty, "\(run)")
    #expect(run.error.contains("matrices.json: "), "\(run)")
    for word in words { #expect(run.error.contains(word), "\(run)") }
  }

  @Test func `A file beyond the limit is refused`() throws {
    let run = try example(String(repeating: " ", count: 1 << 20 + 1))
    #expect(run.status == 1 && run.error.contains("limit of 1048576"), "\(run)")
  }
}
