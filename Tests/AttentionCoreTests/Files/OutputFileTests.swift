import Attention
import Foundation
import TestSupport
import Testing

@Suite(.hangLimit) struct OutputFileTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func bytes(_ path: String) throws -> [UInt8] {
    try InputFile.contents(ofFile: path, limit: 1 << 20)
  }

  @Test func `a file appears only when it is complete`() throws {
    let path = directory.path("out")
    let file = try OutputFile(path: path)
    try file.write([1, 2])
    try file.write([])
    try file.write([3])
    #expect(failureText { try InputFile(path: path) }.contains("no such file"))
    try file.commit()
    #expect(try bytes(path) == [1, 2, 3])
    #expect(try directory.contents == ["out"])
  }

  @Test func `an incomplete file leaves an existing file as it was`() throws {
    let path = try directory.write([9], to: "out")
    try abandon(path)
    #expect(try bytes(path) == [9])
    try abandon(directory.path("new"))
    #expect(try directory.contents == ["out"])
  }

  private func abandon(_ path: String) throws {
    let file = try OutputFile(path: path)
    try file.write([1, 2, 3])
    #expect(try directory.contents.count == 2)
  }

  @Test func `a failed write leaves an existing file as it was`() throws {
    let path = try directory.write([9], to: "out")
    #expect(failureText { try refusedWrite(path) } == "\(path): cannot be written: Bad address")
    #expect(try bytes(path) == [9])
    #expect(try directory.contents == ["out"])
  }

  /// Writes from an invalid address, which fails without a full disk.
  private func refusedWrite(_ path: String) throws {
    let file = try OutputFile(path: path)
    try file.write(UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: 1), count: 10))
    try file.commit()
  }

  @Test func `files of one result appear together, and stale files are deleted`() throws {
    let stale = try directory.write([9], to: "stale")
    let files = try ["a", "b"].map { try OutputFile(path: directory.path($0)) }
    for file in files { try file.write([1]) }
    try OutputFile.commit(files, deleting: [stale, directory.path("missing")])
    #expect(try directory.contents == ["a", "b"])
  }

  @Test func `a new folder is removed unless it is kept`() throws {
    func make(_ path: String, keeping: Bool) throws {
      let folder = try OutputFolder(path: path)
      if keeping { folder.keep() }
    }
    let path = directory.path("new")
    try make(path, keeping: false)
    #expect(try directory.contents == [])
    try make(path, keeping: true)
    #expect(try directory.contents == ["new"])
    // A folder that existed before stays.
    try make(path, keeping: false)
    #expect(try directory.contents == ["new"])
    let file = try directory.write([1], to: "file")
    #expect(failureText { try OutputFolder(path: file) } == "\(file): not a directory")
    #expect(failureText { try OutputFolder(path: "") }.contains("empty path"))
    #expect(
      failureText { try OutputFolder(path: directory.path("a/b")) }.contains("cannot be created"))
  }

  @Test func `a directory that is removed before the commit is an error`() throws {
    let inner = try directory.makeDirectory("inner")
    let file = try OutputFile(path: inner + "/out")
    try file.write([1])
    try FileManager.default.removeItem(atPath: inner)
    #expect(
      failureText { try file.commit() }
        == "\(inner)/out: cannot be written: No such file or directory")
  }

  @Test func `an existing file is replaced`() throws {
    let path = try directory.write([UInt8](repeating: 9, count: 100), to: "out")
    let file = try OutputFile(path: path)
    try file.write([1])
    try file.commit()
    #expect(try bytes(path) == [1])
  }

  @Test func `a symbolic link is kept and its target replaced`() throws {
    let path = try directory.write([9], to: "real")
    try directory.link("alias", to: "real")
    let file = try OutputFile(path: directory.path("alias"))
    try file.write([1])
    try file.commit()
    #expect(try bytes(path) == [1])
    #expect(try directory.contents == ["alias", "real"])
    let alias = directory.path("alias")
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: alias) == "real")
  }

  @Test func `devices, pipes and directories are not replaced`() throws {
    let path = directory.path
    #expect(failureText { try OutputFile(path: path) } == "\(path): is a directory")
    for path in ["/dev/null", try directory.pipe("pipe")] {
      #expect(failureText { try OutputFile(path: path) } == "\(path): not a regular file")
    }
    #expect(try directory.contents == ["pipe"])
  }

  @Test func `a path that cannot be written is refused before the work starts`() throws {
    let path = directory.path("absent/out")
    #expect(
      failureText { try OutputFile(path: path) }
        == "\(path): cannot be written: No such file or directory")
    try directory.write([1], to: "file")
    #expect(
      failureText { try OutputFile(path: directory.path("file/out")) }.contains("Not a directory"))
    #expect(failureText { try OutputFile(path: "") }.contains("empty path"))
    #expect(failureText { try OutputFile(path: path + "\0") }.contains("NUL"))
    let long = String(repeating: "n", count: 300)
    #expect(try directory.contents == ["file"])
    #expect(
      failureText { try OutputFile(path: directory.path(long)).commit() }.contains("too long"))
    #expect(try directory.contents == ["file"])
  }

  @Test func `a name of the maximum length can be written`() throws {
    let name = String(repeating: "n", count: 255)
    let file = try OutputFile(path: directory.path(name))
    try file.commit()
    #expect(try directory.contents == [name])
  }

  @Test(.enabled(if: geteuid() != 0, "the superuser may write everything"))
  func `a path without write permission is refused before the work starts`() throws {
    let path = try directory.write([9], to: "sealed/file")
    chmod(path, 0o400)
    #expect(failureText { try OutputFile(path: path) }.contains("Permission denied"))
    chmod(directory.path("sealed"), 0o500)
    defer { chmod(directory.path("sealed"), 0o700) }
    let new = directory.path("sealed/new")
    #expect(
      failureText { try OutputFile(path: new) } == "\(new): cannot be written: Permission denied")
  }
}
