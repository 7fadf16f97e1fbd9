import Attention
import Foundation
import TestSupport
import Testing

@Suite(.hangLimit) struct InputFileTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  @Test func `bytes are read at any position`() throws {
    let file = try InputFile(path: directory.write(0..<100))
    #expect(file.byteCount == 100)
    #expect(try file.bytes(in: 10..<13) == [10, 11, 12])
    #expect(try file.bytes(in: 0..<100) == Array(0..<100))
    #expect(try file.bytes(in: 100..<100).isEmpty)
    let numbers: [UInt16] = try file.elements(count: 2, at: 1)
    #expect(numbers.map { UInt16(littleEndian: $0) } == [0x0201, 0x0403])
  }

  @Test func `an empty file has no bytes`() throws {
    let path = try directory.write([])
    #expect(try InputFile(path: path).byteCount == 0)
    #expect(try InputFile.contents(ofFile: path, limit: 0).isEmpty)
  }

  @Test func `a pipe, a directory and a device are not regular files, and do not block`() throws {
    try directory.link("link", to: "/dev/zero")
    for path in [
      try directory.pipe("pipe"), directory.path, "/dev/null", "/dev/zero", directory.path("link"),
    ] {
      #expect(failureText { try InputFile(path: path) } == "\(path): not a regular file")
    }
  }

  @Test func `a path without a file is an error`() throws {
    let absent = directory.path("absent")
    #expect(failureText { try InputFile(path: absent) } == "\(absent): no such file")
    #expect(failureText { try InputFile(path: "") }.contains("empty path"))
    let path = try directory.write([1])
    #expect(failureText { try InputFile(path: path + "\0.npy") }.contains("NUL"))
    #expect(failureText { try InputFile(path: path + "/x") }.contains("Not a directory"))
  }

  @Test(.enabled(if: geteuid() != 0, "the superuser may read everything"))
  func `a file without read permission is an error`() throws {
    let path = try directory.write([1])
    chmod(path, 0)
    #expect(failureText { try InputFile(path: path) } == "\(path): Permission denied")
  }

  @Test func `reading past the end is a short read`() throws {
    let file = try InputFile(path: directory.write(0..<100))
    for range in [0..<101, 99..<101, 101..<101, 500..<600, 0..<Int.max, Int.max..<Int.max] {
      #expect(failureText { try file.bytes(in: range) }.contains("\(file.path): short read"))
    }
    let text = failureText { () -> [Double] in try file.elements(count: 1 << 61, at: 0) }
    #expect(text.contains("short read"))
    withUnsafeTemporaryAllocation(byteCount: 10, alignment: 1) { buffer in
      let text = failureText { try file.read(into: buffer, at: 95) }
      #expect(text == "\(file.path): short read: 5 of 10 bytes at offset 95")
    }
  }

  @Test func `a file that is truncated after opening is a short read`() throws {
    let path = try directory.write([UInt8](repeating: 7, count: 100_000))
    let file = try InputFile(path: path)
    #expect(truncate(path, 50_000) == 0)
    #expect(try file.bytes(in: 0..<50_000).count == 50_000)
    #expect(failureText { try file.bytes(in: 0..<100_000) }.contains("short read: 50000 of 100000"))
    #expect(failureText { try file.bytes(in: 60_000..<60_001) }.contains("short read: 0 of 1"))
  }

  @Test func `a tensor's file that is truncated after opening is a short read`() throws {
    let path = try directory.write([UInt8](repeating: 0, count: 1 << 20))
    let file = try InputFile(path: path)
    #expect(truncate(path, 1 << 19) == 0)
    for format in [FloatFormat.float64, .float32, .float16, .bfloat16] {
      let text = failureText {
        try Tensor(shape: [1 << 20 / format.byteCount]) { buffer in
          try file.readFloats(format, .littleEndian, at: 0, into: buffer)
        }
      }
      #expect(text.contains("short read"))
    }
  }

  @Test func `a file that was deleted after opening can still be read`() throws {
    let path = try directory.write([1, 2, 3])
    let file = try InputFile(path: path)
    unlink(path)
    #expect(try file.bytes(in: 0..<3) == [1, 2, 3])
  }

  @Test func `a file larger than the limit is refused before it is read`() throws {
    let path = try directory.write([1, 2, 3])
    #expect(try InputFile.contents(ofFile: path, limit: 3) == [1, 2, 3])
    let text = failureText { try InputFile.contents(ofFile: path, limit: 2) }
    #expect(text.hasPrefix("\(path): 3 bytes") && text.contains("limit of 2"), "\(text)")
  }

  @Test func `a file larger than memory is an error`() throws {
    let path = try directory.write([])
    // A sparse file. The test needs a file system that allows it and a system that refuses the
    // memory.
    let byteCount = 1 << 43
    guard truncate(path, byteCount) == 0, !systemGrants(byteCount) else { return }
    let text = failureText { try InputFile.contents(ofFile: path, limit: .max) }
    #expect(text.contains("cannot allocate \(byteCount) bytes") && text.contains(path), "\(text)")
  }

  /// Whether the system grants this much memory, as it does with overcommit.
  private func systemGrants(_ byteCount: Int) -> Bool {
    let memory = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let memory, memory != MAP_FAILED else { return false }
    munmap(memory, byteCount)
    return true
  }
}
