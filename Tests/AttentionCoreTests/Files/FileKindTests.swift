import AttentionCore
import Foundation
import TestSupport
import Testing

/// Each kind of file has a limit, which is checked before the file is read.
@Suite struct FileKindTests {
  @Test(arguments: FileKind.allCases)
  func `a file beyond its limit is refused with its size and limit`(kind: FileKind) throws {
    let folder = try TemporaryDirectory()
    let path = try folder.write([], to: "large")
    // A sparse file: it takes no space on disk.
    #expect(truncate(path, off_t(kind.limit) + 1) == 0)
    let text = failureText { try InputFile.contents(ofFile: path, kind: kind) }
    #expect(text.hasPrefix("\(path): \(kind.limit + 1) bytes"), "\(text)")
    #expect(text.contains("limit of \(kind.limit)") && text.contains(kind.name), "\(text)")
  }

  @Test func `a small file of each kind is read`() throws {
    let folder = try TemporaryDirectory()
    let path = try folder.write([1, 2, 3], to: "small")
    for kind in FileKind.allCases {
      #expect(try InputFile.contents(ofFile: path, kind: kind) == [1, 2, 3])
      #expect(kind.limit <= 128 << 20)
    }
  }

  @Test func `a configuration of 40 MB is refused`() throws {
    let folder = try TemporaryDirectory()
    let path = try folder.write([], to: "config.json")
    #expect(truncate(path, 40 << 20) == 0)
    let text = failureText { try ModelDirectory(path: folder.path).configuration() }
    #expect(text == "\(path): 41943040 bytes, more than the limit of 4194304 for a config.json")
  }
}
