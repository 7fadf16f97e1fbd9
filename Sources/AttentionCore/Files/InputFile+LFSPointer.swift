extension InputFile {
  /// Checks that the file is not a Git LFS pointer: a few lines of text instead of a large file, in a clone
  /// without Git LFS.
  ///
  /// - Throws: `AttentionError.file`: "Git LFS pointer".
  package func requireNoLFSPointer() throws {
    let mark = Array("version https://git-lfs".utf8)
    guard byteCount >= mark.count, try bytes(in: 0..<mark.count) == mark else { return }
    throw AttentionError.file(
      path: path, reason: "a Git LFS pointer instead of the file: run `git lfs pull`")
  }
}
