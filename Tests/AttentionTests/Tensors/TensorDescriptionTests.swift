import Attention
import Testing

/// The descriptions of tensors and arrays.
struct TensorDescriptionTests {
  private func counting(_ dimensions: [Int]) throws -> Tensor {
    let count = dimensions.reduce(1, *)
    return try Tensor(shape: Shape(dimensions), scalars: (0..<count).map(Float.init))
  }

  @Test func `a small tensor shows its shape and all scalars`() throws {
    #expect("\(try counting([2]))" == "Tensor[2] float32 [0, 1]")
    #expect("\(try counting([2, 3]))" == "Tensor[2, 3] float32 [[0, 1, 2], [3, 4, 5]]")
    #expect("\(try counting([2, 1, 2]))" == "Tensor[2, 1, 2] float32 [[[0, 1]], [[2, 3]]]")
    #expect("\(try Tensor(shape: [], scalars: [0.5]))" == "Tensor[] float32 0.5")
    let odd = try Tensor(shape: [5], scalars: [1 / 3, 1e-12, .nan, -.infinity, 16_777_216])
    #expect("\(odd)" == "Tensor[5] float32 [0.333333, 1e-12, nan, -inf, 1.67772e+07]")
    let last = try counting([3, 2]).rows(1..<3)
    #expect("\(last)" == "Tensor[2, 2] float32 [[2, 3], [4, 5]]")
  }

  @Test func `a large tensor shows the first and last scalars of each axis`() throws {
    #expect("\(try counting([100]))" == "Tensor[100] float32 [0, 1, 2, …, 97, 98, 99]")
    #expect(
      "\(try counting([20, 7]))"
        == "Tensor[20, 7] float32 [[0, 1, 2, …, 4, 5, 6], [7, 8, 9, …, 11, 12, 13], "
        + "[14, 15, 16, …, 18, 19, 20], …, [119, 120, 121, …, 123, 124, 125], "
        + "[126, 127, 128, …, 130, 131, 132], [133, 134, 135, …, 137, 138, 139]]")
    #expect(
      "\(try counting([2, 2, 50]))"
        == "Tensor[2, 2, 50] float32 [[[0, …, 49], [50, …, 99]], "
        + "[[100, …, 149], [150, …, 199]]]")
    #expect("\(try counting([6, 6]))".contains("[[0, 1, 2, 3, 4, 5], "), "nothing to leave out")
  }

  @Test(arguments: [[0], [0, 3], [1 << 40, 0], [3, 0, 1 << 40]])
  func `an empty tensor shows only its shape`(dimensions: [Int]) throws {
    #expect(
      "\(try Tensor(shape: Shape(dimensions), scalars: []))" == "Tensor\(dimensions) float32 []")
  }

  @Test(arguments: [
    [1 << 22], [1 << 11, 1 << 11], [1 << 7, 1 << 7, 1 << 8], [32, 32, 64, 64], [8, 8, 8, 8, 8, 8],
    Array(repeating: 1, count: 500) + [100], Array(repeating: 2, count: 16),
  ])
  func `a description is short, however large the tensor`(dimensions: [Int]) throws {
    let tensor = try Tensor(shape: Shape(dimensions), repeating: -1.234567e-12)
    let text = "\(tensor)"
    #expect(text.hasPrefix("Tensor\(dimensions) float32 ["))
    #expect(text.count < 1_000 + "\(dimensions)".count && !text.contains("\n"), "\(text)")
    let elements = Array(repeating: true, count: tensor.count)
    #expect("\(try BooleanTensor(shape: tensor.shape, elements: elements))".contains("…"))
  }

  @Test func `booleans, arrays and matrices have similar descriptions`() throws {
    let keep = try BooleanTensor(shape: [2, 2], elements: [true, false, true, true])
    #expect("\(keep)" == "BooleanTensor[2, 2] [[true, false], [true, true]]")
    let array = try NPYArray(shape: [3], elements: .int64([1, 2, 1 << 40]))
    #expect("\(array)" == "NPYArray[3] int64 [1, 2, 1099511627776]")
    let half = try NPYArray(shape: [2], elements: .float16(bitPatterns: [0x3C00, 0xC000]))
    #expect("\(half)" == "NPYArray[2] float16 [1, -2]")
    let elements = NPYArray.Elements.float64((0..<100).map(Double.init))
    #expect("\(elements)" == "float64 [0, 1, 2, …, 97, 98, 99]")
    let matrix = try counting([2, 3]).matrix()
    #expect("\(matrix)" == "MatrixView[2, 3] float32 [[0, 1, 2], [3, 4, 5]]")
    #expect("\(matrix.transposed)" == "MatrixView[3, 2] float32 [[0, 3], [1, 4], [2, 5]]")
    let head = try counting([2, 2, 2]).head(1)
    #expect("\(head)" == "MatrixView[2, 2] float32 [[2, 3], [6, 7]]")
  }
}
