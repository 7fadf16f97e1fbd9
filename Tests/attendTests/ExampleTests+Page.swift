import Foundation
import TestSupport
import Testing

/// The lesson as a page.
extension ExampleTests {
  private typealias Formula = LessonFormula

  private func page(_ arguments: [String]) throws -> LessonPageData {
    let directory = try TemporaryDirectory()
    let path = directory.path("lesson.html")
    let run = try attend(["example"] + arguments + ["--output", path])
    #expect(run.status == 0 && run.output.isEmpty && run.error.isEmpty, "\(run)")
    return try LessonPageData(html: String(contentsOfFile: path, encoding: .utf8))
  }

  /// Expects the scores, weights and outputs of a head as the lesson prints them below `title`.
  private func expectHead(
    _ head: Int, of page: LessonPageData, printed: PrintedLesson, after title: String
  ) {
    let scores = page.matrix(head: head, "scores")
    let weights = page.matrix(head: head, "weights")
    #expect(!weights.isEmpty)
    #expect(
      Formula.agree(printed.rows(after: title, table: 1), page.matrix(head: head, "products")))
    #expect(Formula.agree(printed.rows(after: title, table: 3), scores))
    let output = page.matrix(head: head, "output")
    let sums = page.vector(head: head, "weightSums")
    let rows = weights.indices.map { weights[$0] + [sums[$0]] + output[$0] }
    #expect(Formula.agree(printed.rows(after: title, table: 5), rows))
  }

  /// Expects the numbers of the chosen word in the first head as the lesson prints them below `title`.
  private func expectFocus(
    of page: LessonPageData, printed: PrintedLesson, after title: String
  ) {
    let focus = page.focus
    let weightedValues = page.numbers(head: 0, "weightedValues", focus)
    let exponentials = page.row(head: 0, "exponentials", focus)
    let rows = page.words.indices.map { key in
      [
        page.matrix(head: 0, "products")[focus][key], page.matrix(head: 0, "scores")[focus][key],
        exponentials[key], page.matrix(head: 0, "weights")[focus][key],
      ] + weightedValues[key]
    }
    let sum =
      [page.vector(head: 0, "sums")[focus], page.vector(head: 0, "weightSums")[focus]]
      + page.matrix(head: 0, "output")[focus]
    #expect(Formula.agree(printed.rows(after: title), rows + [sum]))
  }

  @Test func `The page of the classic example has the numbers of the lesson`() throws {
    let page = try page([])
    let printed = PrintedLesson(try attend("example"))
    #expect(page.words == ["The", "cat", "sat", "on", "the", "mat", "."] && page.focus == 1)
    let x = page.matrix("embeddings")
    let vectors = [x, page.matrix("queries"), page.matrix("keys"), page.matrix("values")]
    let rows = x.indices.map { row in vectors.flatMap { $0[row] } }
    #expect(Formula.agree(printed.rows(after: "W_V = "), rows))
    for (name, key) in [("W_Q", "queries"), ("W_K", "keys"), ("W_V", "values")] {
      #expect(printed.matrix(name) == page.matrix("projections", key).rounded(digits: 4))
    }
    expectFocus(of: page, printed: printed, after: "The score of the query")
    expectHead(0, of: page, printed: printed, after: "The same for every word")
    let sharp = zip(page.vector("sharp", "scores"), page.vector("sharp", "weights")).map {
      [$0, $1]
    }
    let larger = printed.rows(after: "W_Q = [6 5").map { Array($0.suffix(2)) }
    #expect(Formula.agree(larger, sharp))
    #expect(page.isNull("projected") && page.isNull("outputWeight"))
  }

  @Test func `The page of a sentence has the numbers of its heads, mask and projection`() throws {
    let arguments = ["The sun was shining.", "--heads", "2", "--causal"]
    let page = try page(arguments)
    let printed = PrintedLesson(try attend(["example"] + arguments))
    #expect(page.words == ["The", "sun", "was", "shining", "."] && page.focus == 3)
    for (name, key) in [("W_Q", "queries"), ("W_K", "keys"), ("W_V", "values")] {
      #expect(printed.matrix(name) == page.matrix("projections", key).rounded(digits: 4))
    }
    for head in 0..<2 {
      let parts = ["queries", "keys", "values"].map { page.matrix(head: head, $0) }
      let rows = page.words.indices.map { row in parts.flatMap { $0[row] } }
      #expect(Formula.agree(printed.rows(after: "2 heads: each", table: head), rows))
      expectHead(head, of: page, printed: printed, after: "Head \(head), for every word")
    }
    expectFocus(of: page, printed: printed, after: "In head 0, the score")
    let rows = zip(page.matrix("concatenated"), page.matrix("projected")).map { $0 + $1 }
    #expect(Formula.agree(printed.rows(after: "W_O = [", table: 0), rows))
    #expect(page.isNull("sharp"))
  }

  @Test func `The page of a file has the numbers of its matrices`() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write(
      #"""
      {"tokens": ["a", "b"], "queries": [[1, 0], [0, 1]], "keys": [[1, 0], [0.5, -1]],
       "values": [[1, 2], [3, 4]]}
      """#.utf8, to: "matrices.json")
    let page = try page(["--matrices", path, "--without-scale"])
    let printed = PrintedLesson(try attend("example", "--matrices", path, "--without-scale"))
    #expect(page.matrix("queries") == [[1, 0], [0, 1]] && page.isNull("embeddings"))
    #expect(page.numbers(head: 0, "terms", 1) == [[0, 0], [0, -1]])
    let title = "The same for every word"
    let products = page.matrix(head: 0, "products")
    #expect(Formula.agree(printed.rows(after: title, table: 1), products))
    #expect(products == page.matrix(head: 0, "scores"))
    let weights = page.matrix(head: 0, "weights")
    let rows = zip(weights, page.matrix(head: 0, "output")).map { $0 + [1] + $1 }
    #expect(Formula.agree(printed.rows(after: title, table: 3), rows))
    let saturation = printed.rows(after: "Why scores are scaled")
    #expect(Formula.agree(saturation, page.saturation, digits: 4))
  }

  @Test func `A page has no external reference, and no word of it becomes markup`() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write(
      #"""
      {"tokens": ["</script><b>", "{{data}}", "\"&"], "queries": [[1], [2], [3]],
       "keys": [[1], [2], [3]], "values": [[1], [2], [3]]}
      """#.utf8, to: "matrices.json")
    let page = try page(["--matrices", path])
    #expect(page.words == ["</script><b>", "{{data}}", "\"&"])
    let html = page.html.replacing("http-equiv", with: "")
    for reference in ["http", "src=", "url(", "@import", "<b>", "{{title}}", "{{script}}"] {
      #expect(!html.contains(reference), "\(reference)")
    }
    #expect(html.components(separatedBy: "</script>").count == 3)
    #expect(html.utf8.count < 100_000)
  }

  @Test(arguments: [
    ["--heads", "2"], ["--without-scale", "--causal"], ["a", "--heads", "4"],
    ["a b c d e f g h i j k l", "--heads", "4", "--causal"],
  ])
  func `Every option of the lesson has a page`(arguments: [String]) throws {
    let page = try page(arguments)
    #expect(!page.matrix(head: 0, "weights").isEmpty)
  }

  @Test(arguments: [
    (["--output", "lesson.pdf"], ["--output", ".html", "lesson.pdf"]),
    (["--output", ""], ["--output", ".html"]),
    (["--output", "lesson.html", "--step"], ["--step", "--output"]),
    (["--output", "/no/folder/lesson.html"], ["--output /no/folder/lesson.html"]),
  ])
  func `A wrong output is refused`(arguments: [String], words: [String]) throws {
    let run = try attend(["example"] + arguments)
    #expect(run.status == 2 && run.output.isEmpty, "\(run)")
    let first = run.error.prefix { $0 != "\n" }
    for word in words { #expect(first.contains(word), "\(run)") }
  }
}

extension LessonPageData.Matrix {
  /// The numbers as the lesson prints them.
  fileprivate func rounded(digits: Int) -> Self {
    let scale = pow(10, Double(digits))
    return map { $0.map { ($0 * scale).rounded() / scale } }
  }
}
