import Attention
import AttentionModels
import Foundation
import TestSupport
import Testing

/// Files that the safetensors library wrote; see Scripts/fixtures/arrays.py for their values.
@Suite struct SafetensorsFileTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func fixture(_ name: String) -> String { Fixtures.path("Safetensors/\(name)") }

  private func ruleTensor(_ shape: Shape) throws -> Tensor {
    try Tensor(shape: shape, scalars: (0..<shape.elementCount()).map { Float($0) / 4 - 1 })
  }

  @Test(
    arguments: [
      ("f32", [2, 3]), ("f16", [3, 2]), ("f64", [4]), ("scalar", []), ("empty", [2, 0]),
    ] as [(String, [Int])])
  func `every floating-point type becomes a tensor`(name: String, shape: [Int]) throws {
    let file = try SafetensorsFile(path: fixture("mixed.safetensors"))
    #expect(file.shape(of: name) == Shape(shape))
    #expect(try file.tensor(name) == ruleTensor(Shape(shape)))
  }

  @Test func `bfloat16 becomes a tensor`() throws {
    let file = try SafetensorsFile(path: fixture("bf16.safetensors"))
    #expect(file.tensorNames == ["a", "b"])
    #expect(try file.tensor("a") == ruleTensor([2, 3]))
    #expect(try file.tensor("b") == ruleTensor([4]))
  }

  @Test func `names and metadata are those of the file`() throws {
    let file = try SafetensorsFile(path: fixture("mixed.safetensors"))
    #expect(file.metadata == ["format": "np"])
    #expect(
      file.tensorNames.sorted() == ["bool", "empty", "f16", "f32", "f64", "i64", "scalar"])
    #expect(file.shape(of: "i64") == [2, 2])
    #expect(file.shape(of: "absent") == nil)
  }

  @Test(arguments: ["i64": "I64", "bool": "BOOL"])
  func `integers and booleans are refused with name and type`(name: String, type: String) throws {
    let file = try SafetensorsFile(path: fixture("mixed.safetensors"))
    let text = failureText { try file.tensor(name) }
    #expect(text.contains("tensor '\(name)': dtype \(type)"))
  }

  @Test func `a tensor that does not exist is missing`() throws {
    let path = fixture("bf16.safetensors")
    let file = try SafetensorsFile(path: path)
    #expect(
      throws: ModelError.weights(path: path, reason: "missing tensor c")
    ) { try file.tensor("c") }
  }

  @Test func `names that are equal as text but not as bytes are different tensors`() throws {
    let header = """
      {"\u{E9}":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},\
      "e\u{301}":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}
      """
    let file = try SafetensorsFile(
      path: directory.write(safetensors(header, data: [0, 0, 128, 63, 0, 0, 0, 64])))
    #expect(try file.tensor("\u{E9}").scalars == [1])
    #expect(try file.tensor("e\u{301}").scalars == [2])
  }

  @Test func `a file that is truncated after opening is a short read`() throws {
    let path = try directory.write(
      safetensors(
        #"{"a":{"dtype":"F16","shape":[4],"data_offsets":[0,8]},"b":"#
          + #"{"dtype":"F32","shape":[5000],"data_offsets":[8,20008]}}"#,
        data: [UInt8](repeating: 0, count: 20008)))
    let file = try SafetensorsFile(path: path)
    #expect(try file.tensor("b").count == 5000)
    #expect(truncate(path, 4096) == 0)
    #expect(try file.tensor("a").scalars == [0, 0, 0, 0])
    #expect(failureText { try file.tensor("b") }.contains("\(path): short read"))
    #expect(truncate(path, 0) == 0)
    #expect(failureText { try file.tensor("a") }.contains("\(path): short read"))
  }

  @Test func `one file serves many tasks at once`() async throws {
    let file = try SafetensorsFile(path: fixture("mixed.safetensors"))
    let expected = try ruleTensor([3, 2])
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for _ in 0..<64 { group.addTask { try file.tensor("f16") == expected } }
      for try await same in group { #expect(same) }
    }
  }
}
