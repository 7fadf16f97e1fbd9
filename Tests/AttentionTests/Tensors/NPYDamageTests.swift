import Attention
import Foundation
import TestSupport
import Testing

/// Files built byte by byte: the error for each must contain the reason.
@Suite struct NPYDamageTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private static let magic: [UInt8] = [0x93] + "NUMPY".utf8

  /// A file of the given version with `text` as its header, and data.
  private static func file(
    _ text: String, version: [UInt8] = [1, 0], dataByteCount: Int = 24
  ) -> [UInt8] {
    let count = text.utf8.count
    let length = (0..<(version[0] == 1 ? 2 : 4)).map { UInt8(count >> ($0 * 8) & 0xFF) }
    return magic + version + length + text.utf8 + [UInt8](repeating: 0, count: dataByteCount)
  }

  private static func header(
    _ shape: String, descr: String = "'<f4'", order: String = "False"
  ) -> String {
    "{'descr': \(descr), 'fortran_order': \(order), 'shape': \(shape), }\n"
  }

  private func failure(_ bytes: [UInt8]) throws -> String {
    let path = try directory.write(bytes)
    let text = failureText { try Tensor(npy: path) }
    #expect(text == failureText { try NPYArray(contentsOf: path) })
    return text
  }

  @Test(arguments: [
    ("(2, 3)", 24), ("( 2 ,3 , )", 24), ("(6,)", 24), ("(6L,)", 24), ("()", 4), ("(0, 3)", 0),
    ("(3, 0)", 0), ("(9223372036854775807, 0)", 0), ("(1,\n6)", 24),
  ])
  func `every spelling of a shape that Python accepts is accepted`(
    shape: String, dataByteCount: Int
  ) throws {
    let path = try directory.write(Self.file(Self.header(shape), dataByteCount: dataByteCount))
    #expect(try Tensor(npy: path).count * 4 == dataByteCount)
  }

  @Test(arguments: [
    "{\"descr\": \"<f4\", \"fortran_order\": False, \"shape\": (2, 3)}",
    "  {'shape': (2, 3), 'fortran_order':True,'descr':'=f4',}   \n\n",
    "{'shape':(2,3),'fortran_order':False,'descr':'f4'}",
  ])
  func `quotes, spaces and the order of keys do not matter`(text: String) throws {
    let path = try directory.write(Self.file(text))
    #expect(try Tensor(npy: path) == Tensor(shape: [2, 3], repeating: 0))
  }

  @Test func `every nonzero byte is true, as in NumPy`() throws {
    let bytes = Self.file(Self.header("(4,)", descr: "'|b1'"), dataByteCount: 0) + [0, 1, 2, 255]
    let path = try directory.write(bytes)
    #expect(try BooleanTensor(npy: path).elements == [false, true, true, true])
  }

  @Test(arguments: [
    ("(3)", "not a tuple"), ("3", "not a tuple"), ("[3]", "not a tuple"), ("None", "not a tuple"),
    ("(2 3)", "tuple of integers"), ("(2,, 3)", "tuple of integers"), ("(,)", "integers"),
    ("(1.5,)", "integers"), ("(1e3,)", "integers"), ("(True,)", "integers"), ("('2',)", "integers"),
    ("(007,)", "leading zero"), ("(-1,)", "negative dimension"), ("(2, -9)", "negative dimension"),
    ("(9223372036854775808,)", "overflow"), ("(2, 99999999999999999999999999)", "overflow"),
    ("(2, 18446744073709551614)", "overflow"), ("(2, 9223372036854775807)", "overflow"),
    ("(4611686018427387904,)", "overflow"), ("(0, 4294967296, 4294967296)", "overflow"),
    ("(7,)", "truncated"), ("(2, 4)", "truncated"), ("(1000000000000,)", "truncated"),
    ("(5,)", "trailing"), ("()", "trailing"), ("(0,)", "trailing"),
  ])
  func `an invalid shape is rejected`(shape: String, reason: String) throws {
    #expect(try failure(Self.file(Self.header(shape))).contains(reason))
  }

  @Test(arguments: [
    "'<f4 '", "'<F4'", "'|f4'", "'<u4'", "'<V2'", "'>c8'", "'|S3'", "'<M8[ns]'", "''",
    "'\u{1F642}'", "'<f16'",
  ])
  func `an unknown element type is named in the error`(descr: String) throws {
    let text = try failure(Self.file(Self.header("(6,)", descr: descr)))
    #expect(text.contains("dtype"))
    #expect(text.hasPrefix(directory.path))
  }

  @Test(arguments: [
    ("", "not a dictionary"), ("\n", "not a dictionary"), ("[1, 2]", "not a dictionary"),
    ("'descr'", "not a dictionary"), ("{}", "missing key 'descr'"), ("{", "string"),
    ("{'descr'", "':'"), ("{'descr': '<f4'", "',' or '}'"), ("{'descr': '<f4}", "unterminated"),
    ("{'descr': '<f4' 'shape': ()}", "',' or '}'"), ("{,}", "string"), ("{1: 2}", "string"),
    ("{'descr': '<f4'}", "missing key 'fortran_order'"),
    ("{'descr': '<f4', 'fortran_order': False}", "missing key 'shape'"),
    ("{'descr': '<f4', 'shape': ()}", "missing key 'fortran_order'"),
    ("{'descr': '<f4', 'descr': '<f4'}", "duplicate key 'descr'"),
    ("{'fortran_order': True, 'fortran_order': True}", "duplicate key 'fortran_order'"),
    ("{'shape': (), 'shape': ()}", "duplicate key 'shape'"),
    ("{'shape': (), 'strides': ()}", "unknown key 'strides'"),
    ("{'desc\\x72': '<f4'}", "escape"), ("{'descr\0': '<f4'}", "control"),
    ("{'descr': u'<f4'}", "string"), ("{'descr': 4}", "string"), ("{'descr': None}", "string"),
    ("{'descr': [('x', '<f4')]}", "structured dtype"),
  ])
  func `a malformed header is rejected`(text: String, reason: String) throws {
    #expect(try failure(Self.file(text)).contains(reason))
  }

  @Test(arguments: ["1", "'False'", "false", "None", "TrueFalse", ""])
  func `an order of axes that is not a boolean is rejected`(order: String) throws {
    let text = try failure(Self.file(Self.header("(6,)", order: order)))
    #expect(text.contains("fortran_order"))
  }

  @Test func `text after the dictionary is rejected`() throws {
    #expect(try failure(Self.file(Self.header("(6,)") + "x")).contains("trailing"))
    #expect(try failure(Self.file(Self.header("(6,)") + "\0")).contains("trailing"))
  }

  @Test(arguments: [[0, 0], [1, 1], [2, 1], [4, 0], [255, 255]] as [[UInt8]])
  func `an unknown version is named in the error`(version: [UInt8]) throws {
    let text = try failure(Self.file(Self.header("(6,)"), version: version))
    #expect(text.contains("version \(version[0]).\(version[1])"))
  }

  @Test func `a wrong magic is rejected`() throws {
    for bytes in [[], [0x93], Array("PK\u{3}\u{4} a zip file".utf8), Array("\u{93}NUMPY".utf8)] {
      #expect(try failure(bytes).contains("magic"))
    }
  }

  @Test func `a file that is cut at any byte is rejected`() throws {
    for version in [[1, 0], [2, 0]] as [[UInt8]] {
      let whole = Self.file(Self.header("(6,)"), version: version)
      for count in 6..<whole.count {
        let text = try failure(Array(whole[..<count]))
        #expect(text.contains("truncated"), "\(count) of \(whole.count) bytes")
      }
    }
  }

  @Test func `a header larger than the limit is rejected before it is read`() throws {
    let bytes = Self.magic + [2, 0, 0xFF, 0xFF, 0xFF, 0xFF] + "{".utf8
    #expect(try failure(bytes).contains("header too large: 4294967295 bytes"))
    #expect(try failure(Self.magic + [2, 0, 0, 0, 16, 0]).contains("truncated"))
    #expect(try failure(Self.magic + [2, 0, 1, 0, 16, 0]).contains("header too large"))
  }

  @Test func `more axes than NumPy supports are rejected`() throws {
    let shape = "(" + String(repeating: "1,", count: 65) + ")"
    #expect(try failure(Self.file(Self.header(shape), dataByteCount: 4)).contains("rank 65"))
  }

  @Test func `a mutated file is rejected or read, and never traps`() throws {
    var generator = SeededGenerator(seed: 93)
    let wholes = [
      Self.file(Self.header("(2, 3)")),
      Self.file(Self.header("(3, 1)", descr: "'>f8'", order: "True"), version: [2, 0]),
      Self.file(Self.header("(24,)", descr: "'|b1'"), version: [3, 0]),
    ]
    for round in 0..<3000 {
      let bytes = wholes[round % wholes.count].mutated(using: &generator)
      let path = try directory.write(bytes)
      _ = try? NPYArray(contentsOf: path)
      _ = try? Tensor(npy: path)
    }
  }
}
