import Attention
import AttentionModels
import Foundation
import TestSupport
import Testing

/// Damaged files: the error must contain the reason.
@Suite struct SafetensorsDamageTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private static let whole = #"{"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}}"#

  private static func entry(
    shape: String = "[2,3]", offsets: String = "[0,24]", type: String = #""F32""#
  ) -> String {
    #"{"a":{"dtype":\#(type),"shape":\#(shape),"data_offsets":\#(offsets)}}"#
  }

  /// Opens a file with the given header; the error must name the file.
  private func failure(_ header: String, dataByteCount: Int = 24) throws -> String {
    try failure(safetensors(header, data: [UInt8](repeating: 0, count: dataByteCount)))
  }

  private func failure(_ bytes: [UInt8]) throws -> String {
    let path = try directory.write(bytes)
    let text = failureText { try SafetensorsFile(path: path) }
    #expect(text.hasPrefix("\(path): "))
    return text
  }

  @Test(arguments: [
    (entry(shape: "[]", offsets: "[0,4]"), 4), (entry(shape: "[2,0]", offsets: "[0,0]"), 0),
    (entry(shape: "[0, 9223372036854775807]", offsets: "[0,0]"), 0),
    (#"{"__metadata__":{}}"#, 0), ("{}", 0), (whole + "    ", 24),
    ("{ \n\"a\"" + whole.dropFirst(4), 24),
    (#"{"__metadata__":{"a":"b"},"# + whole.dropFirst(), 24),
    (entry(shape: "[1,1,1,1,1,1,1,6]"), 24), (entry(shape: "[3]", type: #""I64""#), 24),
    (entry(shape: "[48]", type: #""F4""#), 24), (entry(shape: "[32]", type: #""F6_E2M3""#), 24),
    (entry(shape: "[24]", type: #""F8_E4M3""#), 24), (entry(shape: "[3]", type: #""C64""#), 24),
    (#"{"":{"dtype":"BOOL","shape":[1],"data_offsets":[0,1]}}"#, 1),
    (
      #"{"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]},"#
        + #""e":{"dtype":"U8","shape":[0],"data_offsets":[1,1]},"#
        + #""a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#, 3
    ),
  ])
  func `an unusual but valid header is accepted`(header: String, dataByteCount: Int) throws {
    let data = [UInt8](repeating: 0, count: dataByteCount)
    _ = try SafetensorsFile(path: directory.write(safetensors(header, data: data)))
  }

  @Test func `a file of fewer than 8 bytes is too small`() throws {
    for count in 0..<8 {
      #expect(try failure([UInt8](repeating: 0, count: count)).contains("too small"))
    }
  }

  @Test func `a header beyond the limit is refused before memory is allocated`() throws {
    for length in [
      [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], [0x01, 0xE1, 0xF5, 5, 0, 0, 0, 0],
    ]
      as [[UInt8]]
    {
      #expect(try failure(length + "{}".utf8).contains("header too large"))
    }
  }

  @Test func `a header that ends past the end of the file is truncated`() throws {
    #expect(try failure([0x00, 0xE1, 0xF5, 5, 0, 0, 0, 0] + "{}".utf8).contains("truncated"))
    #expect(try failure([3, 0, 0, 0, 0, 0, 0, 0] + "{}".utf8).contains("truncated"))
  }

  @Test(arguments: [
    ("", "not a JSON object"), ("[]", "not a JSON object"), ("null", "not a JSON object"),
    (" {}", "not a JSON object"), ("{", "JSON"), ("{}}", "trailing"), ("{}\0\0", "trailing"),
    ("{}x", "trailing"), (#"{"a":}"#, "JSON"), (#"{"a":{}"#, "truncated"), (#"{'a':{}}"#, "JSON"),
    (#"{"a":1}"#, "expected object, got integer"), (#"{"a":null}"#, "expected object, got null"),
    (#"{"a":{}}"#, "missing key dtype"), (#"{"a":{"dtype":"F32"}}"#, "missing key shape"),
    (#"{"a":{"dtype":"F32","shape":[]}}"#, "missing key data_offsets"),
    (String(repeating: #"{"a":"#, count: 100_000), "nesting"),
    (#"{"a":"# + String(repeating: "[", count: 100_000), "nesting"),
    (#"{"__metadata__":{"a":1}}"#, "expected string"), (#"{"__metadata__":[]}"#, "expected object"),
    (#"{"__metadata__":null}"#, "expected object"), (#"{"__metadata__":{"a":{}}}"#, "string"),
  ])
  func `a header that is not the expected object is refused`(header: String, reason: String) throws
  {
    #expect(try failure(header, dataByteCount: 0).contains(reason))
  }

  @Test func `a header that is not UTF-8 is refused`() throws {
    let header = Array(Self.whole.utf8).map { $0 == UInt8(ascii: "a") ? 0xFF : $0 }
    #expect(
      try failure(safetensors(header, data: [UInt8](repeating: 0, count: 24))).contains("UTF-8"))
  }

  @Test(arguments: [
    #"{"a":{},"a":{}}"#, #"{"a":{},"\u0061":{}}"#, #"{"__metadata__":{},"__metadata__":{}}"#,
    #"{"a":{"dtype":"F32","dtype":"F32"}}"#, #"{"__metadata__":{"k":"1","k":"2"}}"#,
    #"{"a":{"shape":[],"data_offsets":[0,4],"shape":[]}}"#,
  ])
  func `a duplicate key is refused, outer or inner`(header: String) throws {
    #expect(try failure(header).contains("duplicate key"))
  }

  @Test(arguments: [
    ("[24,0]", "begin 24 is past end 0"), ("[0]", "expected 2"), ("[0,24,24]", "expected 2"),
    ("[-1,24]", "integer"), ("[-0,24]", "integer"), ("[0,24.0]", "integer"),
    ("[0,2.4e1]", "integer"), ("[0,1e999]", "out of range"), (#"["0",24]"#, "integer"),
    ("[null,24]", "integer"), ("24", "integers"), ("[0,18446744073709551616]", "overflow"),
    ("[0,23]", "size mismatch"), ("[1,24]", "size mismatch"), ("[1,25]", "gap"),
  ])
  func `invalid offsets are refused`(offsets: String, reason: String) throws {
    let text = try failure(Self.entry(offsets: offsets))
    #expect(text.contains(reason))
    #expect(text.contains("'a'") || ["gap", "out of range"].contains(reason))
  }

  @Test(arguments: [
    ("[2,18446744073709551614]", "overflow"), ("[2,9223372036854775807]", "overflow"),
    ("[4611686018427387904]", "overflow"), ("[288230376151711744]", "overflow"),
    ("[0,4294967296,4294967296]", "overflow"), ("[-2,-3]", "integer"), ("[2,3.0]", "integer"),
    ("[6e0]", "integer"), ("[2,4]", "size mismatch"), ("[]", "size mismatch"),
    ("[0]", "size mismatch"), ("6", "integers"), ("[1,1,1,1,1,1,1,1,6]", "rank 9"),
    (#"["6"]"#, "integer"), ("[[6]]", "integer"),
  ])
  func `an invalid shape is refused`(shape: String, reason: String) throws {
    let text = try failure(Self.entry(shape: shape))
    #expect(text.contains(reason) && text.contains("'a'"))
  }

  @Test(arguments: [
    (#""F128""#, "unknown dtype 'F128'"), (#""f32""#, "unknown dtype"), (#""""#, "unknown dtype"),
    ("32", "expected string"), (#""F64""#, "size mismatch"), (#""F16""#, "size mismatch"),
  ])
  func `an unknown element type is refused`(type: String, reason: String) throws {
    #expect(try failure(Self.entry(type: type)).contains(reason))
  }

  @Test func `elements that end within a byte are refused`() throws {
    let text = try failure(Self.entry(shape: "[47]", type: #""F4""#))
    #expect(text.contains("size mismatch"))
  }

  private func bytes(_ ranges: [ClosedRange<Int>]) -> String {
    let entries = ranges.enumerated().map { number, range in
      """
      "\(number)":{"dtype":"U8","shape":[\(range.count - 1)],\
      "data_offsets":[\(range.lowerBound),\(range.upperBound)]}
      """
    }
    return "{\(entries.joined(separator: ","))}"
  }

  @Test func `tensors that share bytes overlap`() throws {
    for ranges in [[0...12, 11...24], [0...24, 0...24], [0...24, 5...7], [0...24, 5...5]] {
      #expect(try failure(bytes(ranges)).contains("overlap"))
      #expect(try failure(bytes(ranges.reversed())).contains("overlap"))
    }
  }

  @Test func `bytes of no tensor are a gap`() throws {
    for ranges in [[0...12, 13...24], [1...24], [0...10, 24...24, 10...23]] {
      #expect(try failure(bytes(ranges)).contains("gap"))
    }
  }

  @Test func `a file too short or too long for its tensors is refused`() throws {
    #expect(try failure(Self.whole, dataByteCount: 22).contains("truncated"))
    #expect(try failure(Self.whole, dataByteCount: 0).contains("truncated"))
    #expect(try failure(Self.whole, dataByteCount: 25).contains("trailing"))
    #expect(try failure("{}", dataByteCount: 1).contains("trailing"))
  }

  @Test func `a file that is truncated anywhere is refused`() throws {
    let whole = safetensors(Self.whole, data: [UInt8](repeating: 0, count: 24))
    for count in whole.indices {
      let text = try failure(Array(whole[..<count]))
      #expect(text.contains("truncated") || text.contains("too small"), "\(count) bytes")
    }
  }

  @Test(.hangLimit)
  func `more tensors than any model has are refused`() throws {
    let entry = #""t0000000":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"#
    let tensors = String(repeating: entry, count: 1_000_000)
    let values = "[" + String(repeating: "0,", count: 10_000_000)
    #expect(try failure("{" + tensors + "}", dataByteCount: 0).contains("too many tensors"))
    #expect(try failure(#"{"a":"# + values, dataByteCount: 0).contains("too many tensors"))
  }

  @Test func `a name is shown on one line and cut`() throws {
    let long = String(repeating: "n", count: 1_000_000)
    for header in [
      #"{"a\n\u202eb\#(long)":1}"#, #"{"\#(long)":{},"\#(long)":{}}"#,
      Self.entry(type: #""a\nb\#(long)""#), #"{"__metadata__":{"a\nb\#(long)":1}}"#,
    ] {
      let text = try failure(header)
      #expect(text.utf8.count < 500)
      #expect(!text.contains("\n") && !text.contains("\u{202E}"))
    }
  }

  @Test func `a Git LFS pointer is recognized`() throws {
    let pointer = """
      version https://git-lfs.github.com/spec/v1
      oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393
      size 12345

      """
    #expect(try failure(Array(pointer.utf8)).contains("Git LFS pointer"))
  }

  @Test func `a file that is not regular is refused without waiting`() throws {
    for path in [try directory.pipe("pipe"), "/dev/zero", directory.path] {
      let text = failureText { try SafetensorsFile(path: path) }
      #expect(text == "\(path): not a regular file")
    }
    let path = directory.path("absent")
    #expect(failureText { try SafetensorsFile(path: path) } == "\(path): no such file")
  }

  @Test func `a mutated file is refused or read, and never ends the process`() throws {
    var generator = SeededGenerator(seed: 57)
    let header =
      #"{"__metadata__":{"k":"\u00e9"},"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"#
      + #""b":{"dtype":"BF16","shape":[4],"data_offsets":[24,32]}}"#
    let whole = safetensors(header, data: [UInt8](repeating: 1, count: 32))
    for round in 0..<3000 {
      // Half of the files keep a valid length, so that the mutation reaches the parser.
      let bytes =
        round % 2 == 0
        ? whole.mutated(using: &generator)
        : safetensors(
          Array(header.utf8).mutated(using: &generator), data: Array(whole.suffix(32)))
      guard let file = try? SafetensorsFile(path: directory.write(bytes)) else { continue }
      for name in file.tensorNames { _ = try? file.tensor(name) }
    }
  }
}
