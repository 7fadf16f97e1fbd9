import Attention
import TestSupport
import Testing

@Suite struct MatrixViewTests {
  private func counting(_ shape: Shape) throws -> Tensor {
    try Tensor(shape: shape, scalars: (0..<shape.elementCount()).map { Float($0) })
  }

  @Test func `a view of a matrix equals the matrix`() throws {
    let tensor = try counting([2, 3])
    let view = try tensor.matrix()
    #expect(view.shape == [2, 3] && view.leadingDimension == 3 && !view.isTransposed)
    #expect(try Tensor(view) == tensor)
  }

  @Test func `a transposed view exchanges rows and columns`() throws {
    let view = try counting([2, 3]).matrix().transposed
    #expect(view.shape == [3, 2] && view.rowCount == 3 && view.columnCount == 2)
    #expect(view[2, 1] == 5)
    #expect(try Tensor(view).scalars == [0, 3, 1, 4, 2, 5])
    #expect(try Tensor(view.transposed).scalars == [0, 1, 2, 3, 4, 5])
  }

  @Test func `columns are a range of each row`() throws {
    let view = try counting([2, 4]).columns(1..<3)
    #expect(view.shape == [2, 2] && view.leadingDimension == 4)
    #expect(try Tensor(view).scalars == [1, 2, 5, 6])
    #expect(try Tensor(view.transposed).scalars == [1, 5, 2, 6])
    #expect(try counting([2, 4]).columns(4..<4).shape == [2, 0])
  }

  @Test func `a head is a matrix with one row per token`() throws {
    let tensor = try counting([2, 3, 2])
    let view = try tensor.head(1)
    #expect(view.shape == [2, 2] && view.leadingDimension == 6)
    #expect(try Tensor(view).scalars == [2, 3, 8, 9])
    for head in 0..<3 {
      for token in 0..<2 {
        for dimension in 0..<2 {
          #expect(try tensor.head(head)[token, dimension] == tensor[token, head, dimension])
        }
      }
    }
  }

  @Test func `views of a slice start where the slice starts`() throws {
    let slice = try counting([4, 3]).rows(2..<4)
    #expect(try Tensor(slice.matrix()).scalars == [6, 7, 8, 9, 10, 11])
    #expect(try Tensor(slice.columns(1..<2)).scalars == [7, 10])
    let tokens = try counting([3, 2, 2]).rows(1..<3)
    #expect(try Tensor(tokens.head(1)).scalars == [6, 7, 10, 11])
  }

  @Test func `a view keeps its values when its tensor is written to`() throws {
    var tensor = try counting([2, 2])
    let view = try tensor.matrix()
    let column = try tensor.columns(1..<2)
    try tensor.withMutableSpan { $0[1] = 99 }
    #expect(try Tensor(view).scalars == [0, 1, 2, 3])
    #expect(column[0, 0] == 1)
    #expect(tensor[0, 1] == 99)
  }

  @Test func `a view keeps its tensor's memory alive`() throws {
    func view() throws -> MatrixView { try counting([100, 100]).columns(99..<100) }
    #expect(try view()[99, 0] == 9999)
  }

  @Test func `an index out of range ends the process, as with an array`() async {
    await #expect(processExitsWith: .failure) {
      _ = try Tensor(shape: [2, 3], repeating: 1).matrix().transposed[0, 2]
    }
    await #expect(processExitsWith: .failure) {
      _ = try Tensor(shape: [2, 3], repeating: 1).matrix()[-1, 0]
    }
  }

  @Test func `views of the wrong rank or range are rejected`() throws {
    let cube = try counting([2, 3, 2])
    #expect(
      failureText { try cube.matrix() } == "matrix: expected rank 2, got shape [2, 3, 2]")
    #expect(failureText { try cube.columns(0..<1) }.contains("rank 2"))
    let matrix = try counting([2, 3])
    for range in [-1..<1, 0..<4, 4..<4, Int.min..<Int.max] {
      let text = failureText { try matrix.columns(range) }
      #expect(text == "columns: \(range) is out of range for shape [2, 3]")
    }
    #expect(
      failureText { try matrix.head(0) }
        == "head: expected [token, head, dimension], got shape [2, 3]")
    for head in [-1, 3, Int.max, Int.min] {
      let text = failureText { try cube.head(head) }
      #expect(text == "head: \(head) is out of range for the 3 heads of shape [2, 3, 2]")
    }
  }

  @Test(.hangLimit)
  func `views of empty tensors with huge extents are empty`() throws {
    let rows = try Tensor(shape: [Int.max, 0], scalars: [])
    #expect(try Tensor(rows.matrix()).shape == [Int.max, 0])
    #expect(try Tensor(rows.matrix().transposed).shape == [0, Int.max])
    let heads = try Tensor(shape: [0, 3, Int.max / 3], scalars: [])
    #expect(try heads.head(2).shape == [0, Int.max / 3])
  }
}
