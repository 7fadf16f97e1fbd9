import Attention
import TestSupport
import Testing

@Suite struct TensorTests {
  private func counting(_ shape: Shape) throws -> Tensor {
    try Tensor(shape: shape, scalars: (0..<shape.elementCount()).map { Float($0) })
  }

  // MARK: Creating

  @Test(
    arguments: [
      ([2, -1], "negative dimension -1 in [2, -1]"), ([0, -1], "negative dimension"),
      ([Int.max, 2], "overflow"), ([1 << 32, 1 << 32], "overflow"),
      ([1 << 62], "overflow"), ([0, 1 << 32, 1 << 32], "overflow"),
    ] as [([Int], String)])
  func `an invalid shape is rejected`(shape: [Int], reason: String) {
    #expect(failureText { try Tensor(shape: Shape(shape), repeating: 0) }.contains(reason))
  }

  @Test func `a failed allocation is an error`() {
    let text = failureText { try Tensor(shape: [1 << 60], repeating: 0) }
    #expect(text.contains("4611686018427387904 bytes"), "\(text)")
    #expect(text.contains("a tensor of shape [\(1 << 60)]"), "\(text)")
  }

  @Test(arguments: [0, 1, 5, 7]) func `the number of scalars must match the shape`(count: Int) {
    let scalars = [Float](repeating: 0, count: count)
    #expect(
      failureText { try Tensor(shape: [2, 3], scalars: scalars) }
        == "scalars: expected 6 for shape [2, 3], got \(count)")
  }

  @Test func `scalars and empty tensors, even with huge extents, can be created`() throws {
    let scalar = try Tensor(shape: [], scalars: [4])
    #expect(scalar.count == 1 && scalar.shape.rank == 0)
    #expect(scalar[] == 4)
    #expect(try Tensor(shape: [2, 0], scalars: []).scalars.isEmpty)
    #expect(try Tensor(shape: [Int.max, 0], repeating: 1).count == 0)
  }

  @Test func `rows must have equal lengths`() throws {
    #expect(try Tensor(rows: [[1, 2], [3, 4]]) == Tensor(shape: [2, 2], scalars: [1, 2, 3, 4]))
    #expect(try Tensor(rows: []).shape == [0, 0])
    let text = failureText { try Tensor(rows: [[1, 2], [3, 4], [5]]) }
    #expect(text.contains("row 2 has 1") && text.contains("row 0 has 2"), "\(text)")
  }

  @Test func `storage is aligned to 64 bytes for any size`() throws {
    for count in 0...100 {
      let tensor = try Tensor(shape: [count], repeating: 0)
      tensor.withUnsafeScalars { #expect(UInt(bitPattern: $0.baseAddress) % 64 == 0) }
    }
  }

  // MARK: Reading

  @Test func `the last index varies fastest`() throws {
    let tensor = try counting([2, 3, 4])
    #expect(tensor[0, 0, 1] == 1)
    #expect(tensor[0, 1, 0] == 4)
    #expect(tensor[1, 0, 0] == 12)
    #expect(tensor[1, 2, 3] == 23)
  }

  @Test func `an index out of range ends the process, as with an array`() async {
    await #expect(processExitsWith: .failure) {
      _ = try Tensor(shape: [2, 3], repeating: 1)[1, 3]
    }
    await #expect(processExitsWith: .failure) {
      _ = try Tensor(shape: [2, 3], repeating: 1)[-1, 0]
    }
    await #expect(processExitsWith: .failure) {
      _ = try Tensor(shape: [2, 3], repeating: 1)[0]
    }
    await #expect(processExitsWith: .failure) {
      _ = try Tensor(shape: [2, 3], repeating: 1).row(2)
    }
  }

  @Test func `rows are arrays`() throws {
    let tensor = try counting([3, 2])
    #expect(tensor.row(0) == [0, 1] && tensor.row(2) == [4, 5])
    #expect(tensor.rows == [[0, 1], [2, 3], [4, 5]])
    #expect(try tensor.rows(1..<3).rows == [[2, 3], [4, 5]])
    #expect(try counting([2, 1, 2]).rows == [[0, 1], [2, 3]])
    #expect(try counting([2, 0]).rows == [[], []])
    #expect(try counting([0, 2]).rows.isEmpty && counting([]).rows.isEmpty)
  }

  @Test func `a span shows the scalars of the tensor it was taken from`() throws {
    let middle = try counting([4, 2]).rows(1..<3)
    let (count, first) = middle.withSpan { ($0.count, $0[0]) }
    #expect(count == 4 && first == 2)
  }

  @Test func `equality compares shapes and numbers`() throws {
    #expect(try counting([2, 3]) == counting([2, 3]))
    #expect(try counting([2, 3]) != counting([3, 2]))
    #expect(try Tensor(shape: [1], scalars: [0]) == Tensor(shape: [1], scalars: [-0.0]))
    #expect(try Tensor(shape: [1], scalars: [.nan]) != Tensor(shape: [1], scalars: [.nan]))
  }

  // MARK: Writing

  @Test func `writing to a tensor does not change its copies`() throws {
    var written = try counting([2, 3])
    let copy = written
    try written.withMutableSpan { $0[0] = 99 }
    #expect(written.scalars == [99, 1, 2, 3, 4, 5])
    #expect(copy.scalars == [0, 1, 2, 3, 4, 5])
  }

  @Test func `writing to a slice does not change its parent or other slices`() throws {
    let parent = try counting([3, 2])
    var slice = try parent.rows(1..<2)
    let other = try parent.rows(1..<3)
    try slice.withMutableSpan { span in
      #expect(span.count == 2)
      span[1] = 99
    }
    #expect(slice.scalars == [2, 99])
    #expect(parent.scalars == [0, 1, 2, 3, 4, 5])
    #expect(other.scalars == [2, 3, 4, 5])
  }

  @Test func `writing to a parent does not change slices and reshaped tensors`() throws {
    var parent = try counting([3, 2])
    let slice = try parent.rows(2..<3)
    let flat = try parent.reshaped(to: [6])
    try parent.withMutableSpan { $0[4] = 99 }
    #expect(slice.scalars == [4, 5])
    #expect(flat.scalars == [0, 1, 2, 3, 4, 5])
  }

  @Test func `a slice that outlives its parent is written in place`() throws {
    var slice = try counting([3, 2]).rows(1..<3)
    let before = slice.withUnsafeScalars { $0.baseAddress }
    try slice.withMutableSpan { $0[0] = 99 }
    #expect(slice.withUnsafeScalars { $0.baseAddress } == before)
    #expect(slice.scalars == [99, 3, 4, 5])
  }

  @Test func `a sole owner is written in place`() throws {
    var tensor = try counting([2, 3])
    let before = tensor.withUnsafeScalars { $0.baseAddress }
    try tensor.withMutableSpan { $0[0] = 99 }
    #expect(tensor.withUnsafeScalars { $0.baseAddress } == before)
  }

  // MARK: Reshaping

  @Test func `reshaping keeps the order of the scalars`() throws {
    let tensor = try counting([2, 3]).reshaped(to: [3, 2])
    #expect(tensor.shape == [3, 2])
    #expect(tensor.scalars == [0, 1, 2, 3, 4, 5])
    let text = failureText { try tensor.reshaped(to: [4, 2]) }
    #expect(text == "reshaped(to:): expected 6 elements, got shape [4, 2]")
    #expect(failureText { try tensor.reshaped(to: [-2, -3]) }.contains("negative dimension"))
    #expect(failureText { try tensor.reshaped(to: [Int.max, 6]) }.contains("overflow"))
  }

  @Test func `rows are a range of the first axis`() throws {
    let tensor = try counting([3, 2, 2])
    #expect(try tensor.rows(0..<3) == tensor)
    #expect(try tensor.rows(1..<2).scalars == [4, 5, 6, 7])
    #expect(try tensor.rows(3..<3).shape == [0, 2, 2])
    #expect(try tensor.rows(1..<3).rows(1..<2).scalars == [8, 9, 10, 11])
    #expect(try Tensor(shape: [0, 2], scalars: []).rows(0..<0).shape == [0, 2])
    #expect(try Tensor(shape: [Int.max, 0], scalars: []).rows(5..<Int.max).count == 0)
  }

  @Test func `rows out of range are rejected`() throws {
    let tensor = try counting([3, 2])
    for range in [-1..<2, 0..<4, 4..<4, Int.min..<Int.max] {
      let text = failureText { try tensor.rows(range) }
      #expect(text == "rows: \(range) is out of range for shape [3, 2]")
    }
    let scalar = try Tensor(shape: [], scalars: [1])
    #expect(failureText { try scalar.rows(0..<1) }.contains("out of range for shape []"))
  }
}
