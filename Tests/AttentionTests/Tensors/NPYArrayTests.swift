import Attention
import Foundation
import TestSupport
import Testing

/// The files were written by NumPy; Scripts/fixtures/arrays.py defines their values.
@Suite struct NPYArrayTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func fixture(_ name: String) -> String { Fixtures.path("NPY/\(name).npy") }

  private func floats(_ count: Int) -> [Float] { (0..<count).map { Float($0) / 4 - 1 } }

  @Test(arguments: ["little", "big"])
  func `every number type reads back in both byte orders`(order: String) throws {
    let shape: Shape = [2, 3, 4]
    let expected: [String: NPYArray.Elements] = [
      "f2": .float16(bitPatterns: floats(24).map { HalfPrecision.float16(from: $0) }),
      "f4": .float32(floats(24)),
      "f8": .float64(floats(24).map { Double($0) }),
      "i4": .int32((0..<24).map { $0 - 3 }),
      "i8": .int64((0..<24).map { $0 - 3 }),
    ]
    for (code, elements) in expected {
      let array = try NPYArray(contentsOf: fixture("\(order)-\(code)"))
      #expect(try array == NPYArray(shape: shape, elements: elements))
    }
  }

  @Test func `booleans read back, as an array and as a mask`() throws {
    let expected = (0..<10).map { $0 % 3 == 0 }
    let array = try NPYArray(contentsOf: fixture("bool"))
    #expect(try array == NPYArray(shape: [2, 5], elements: .bool(expected)))
    let mask = try BooleanTensor(npy: fixture("bool"))
    #expect(try mask == BooleanTensor(shape: [2, 5], elements: expected))
  }

  @Test func `an array in Fortran order becomes row-major`() throws {
    #expect(try Tensor(npy: fixture("fortran-f4")).scalars == floats(24))
    #expect(try Tensor(npy: fixture("fortran-big-f8")).scalars == floats(6))
    let array = try NPYArray(contentsOf: fixture("fortran-i8"))
    #expect(try array == NPYArray(shape: [3, 2], elements: .int64([-3, -2, -1, 0, 1, 2])))
  }

  @Test func `scalars, vectors and empty arrays keep their shapes`() throws {
    #expect(try Tensor(npy: fixture("scalar")) == Tensor(shape: [], scalars: [-1]))
    #expect(try Tensor(npy: fixture("vector")) == Tensor(shape: [7], scalars: floats(7)))
    #expect(try Tensor(npy: fixture("empty")) == Tensor(shape: [0, 3], scalars: []))
  }

  @Test(arguments: [2, 3]) func `later format versions are read`(version: Int) throws {
    let tensor = try Tensor(npy: fixture("version-\(version)"))
    #expect(try tensor == Tensor(shape: [2, 3], scalars: floats(6)))
  }

  @Test(arguments: ["little-f2", "big-f2", "little-f8", "big-f8", "big-f4", "little-f4"])
  func `every floating-point type becomes a tensor`(name: String) throws {
    #expect(try Tensor(npy: fixture(name)) == Tensor(shape: [2, 3, 4], scalars: floats(24)))
  }

  @Test(arguments: ["uint8": "u1", "complex": "c8", "text": "U2", "object": "|O"])
  func `an unsupported element type is named in the error`(name: String, dtype: String) throws {
    let path = fixture("refused-\(name)")
    let text = failureText { try NPYArray(contentsOf: path) }
    #expect(text.contains(path) && text.contains("dtype") && text.contains(dtype))
  }

  @Test func `a structured type is named in the error`() throws {
    let path = fixture("refused-structured")
    #expect(failureText { try NPYArray(contentsOf: path) }.contains("structured dtype [('x', '<f4"))
  }

  @Test(arguments: ["little-i4": "i4", "little-i8": "i8", "bool": "b1"])
  func `a tensor names integer and boolean types in the error`(name: String, dtype: String) throws {
    let path = fixture(name)
    #expect(failureText { try Tensor(npy: path) }.contains("'\(dtype)'"))
  }

  @Test func `a mask names the type of an array of numbers in the error`() throws {
    let path = fixture("little-f4")
    #expect(failureText { try BooleanTensor(npy: path) }.contains("got 'f4'"))
  }

  @Test(arguments: [
    "little-f2", "little-f4", "little-f8", "little-i4", "little-i8", "bool", "scalar", "vector",
    "empty",
  ])
  func `writing gives NumPy's file byte for byte`(name: String) throws {
    let source = fixture(name)
    let copy = directory.path("copy.npy")
    try NPYArray(contentsOf: source).write(to: copy)
    #expect(try InputFile.contents(ofFile: copy, limit: 1 << 20) == bytes(source))
  }

  @Test func `tensors and masks write NumPy's file byte for byte`() throws {
    let copy = directory.path("copy.npy")
    try Tensor(npy: fixture("little-f4")).writeNPY(to: copy)
    #expect(try bytes(copy) == bytes(fixture("little-f4")))
    try BooleanTensor(npy: fixture("bool")).writeNPY(to: copy)
    #expect(try bytes(copy) == bytes(fixture("bool")))
  }

  @Test func `a slice writes only its rows`() throws {
    let path = directory.path("rows.npy")
    try Tensor(npy: fixture("little-f4")).rows(1..<2).writeNPY(to: path)
    #expect(try Tensor(npy: path) == Tensor(shape: [1, 3, 4], scalars: floats(24).suffix(12)))
  }

  @Test func `special numbers keep their bits`() throws {
    let numbers: [Float] = [
      .nan, -.infinity, -0.0, .leastNonzeroMagnitude, .greatestFiniteMagnitude,
    ]
    let path = directory.path("special.npy")
    try Tensor(shape: [5], scalars: numbers).writeNPY(to: path)
    #expect(try Tensor(npy: path).scalars.map(\.bitPattern) == numbers.map(\.bitPattern))
  }

  @Test func `an array larger than one buffer is converted completely`() throws {
    let count = 3 * 65_536 + 17
    let patterns = (0..<count).map { UInt16(truncatingIfNeeded: $0) & 0x7BFF }
    let path = directory.path("long.npy")
    try NPYArray(shape: [count], elements: .float16(bitPatterns: patterns)).write(to: path)
    #expect(
      try Tensor(npy: path).scalars == patterns.map { HalfPrecision.float(fromFloat16: $0) })
  }

  @Test func `more or fewer elements than the shape has are rejected`() {
    let expected = "elements: expected 6 for shape [2, 3], got 5"
    #expect(
      failureText { try NPYArray(shape: [2, 3], elements: .int64([1, 2, 3, 4, 5])) } == expected)
    #expect(
      failureText { try BooleanTensor(shape: [2, 3], elements: [true, true, true, true, true]) }
        == expected)
  }

  @Test func `more axes than NumPy supports are not written`() throws {
    let tensor = try Tensor(shape: Shape([Int](repeating: 1, count: 65)), repeating: 0)
    #expect(failureText { try tensor.writeNPY(to: directory.path("deep.npy")) }.contains("64 axes"))
    #expect(try directory.contents.isEmpty)
  }

  private func bytes(_ path: String) throws -> [UInt8] {
    try InputFile.contents(ofFile: path, limit: 1 << 20)
  }

  @Test(arguments: [1e39, -1e300, Double.greatestFiniteMagnitude])
  func `a float64 beyond the range of float32 is rejected as a tensor`(number: Double) throws {
    let path = directory.path("large.npy")
    try NPYArray(shape: [3], elements: .float64([1, number, 2])).write(to: path)
    let error = #expect(throws: AttentionError.self) { try Tensor(npy: path) }
    let text = "\(String(describing: error))"
    #expect(text.contains("large.npy") && text.contains("\(number)") && text.contains("range"))
    // The array keeps the number, and infinities are valid in both types.
    #expect(try NPYArray(contentsOf: path).elements == .float64([1, number, 2]))
    try NPYArray(shape: [2], elements: .float64([.infinity, -.infinity])).write(to: path)
    #expect(try Tensor(npy: path).scalars == [.infinity, -.infinity])
  }
}
