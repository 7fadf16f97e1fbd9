import Attention

/// Checks that a file is not a Git LFS pointer: a few lines of text instead of a large file, in a clone
/// without Git LFS.
///
/// - Throws: `ModelError.weights`: "Git LFS pointer".
func requireNoLFSPointer(_ file: InputFile) throws {
  let mark = Array("version https://git-lfs".utf8)
  guard file.byteCount >= mark.count, try file.bytes(in: 0..<mark.count) == mark else { return }
  throw ModelError.weights(
    path: file.path, reason: "a Git LFS pointer instead of the file: run `git lfs pull`")
}

/// Converts `AttentionError.file` to `ModelError.weights`; other errors stay as they are.
func weightsErrors<Result>(_ body: () throws -> Result) throws -> Result {
  do {
    return try body()
  } catch AttentionError.file(let path, let reason) {
    throw ModelError.weights(path: path, reason: reason)
  }
}
