import Attention

/// The .npy files of one run. The files are opened before any work, and get their names only when all of
/// them are complete.
struct ResultFiles {
  private let files: [String: OutputFile]

  /// Opens a file for each result that has a path.
  ///
  /// - Throws: `CLIError.Usage` for a path that cannot be written, or that is the path of two results.
  init(_ results: [(name: String, path: TypedPath?)]) throws {
    try requireDistinct(results.compactMap(\.path))
    var files: [String: OutputFile] = [:]
    for case (let name, let path?) in results { files[name] = try path.openOutput() }
    self.files = files
  }

  /// Writes the tensors that have a file.
  func write(_ tensors: [String: Tensor?]) throws {
    for case (let name, let tensor?) in tensors {
      if let file = files[name] { try tensor.writeNPY(to: file.write) }
    }
  }

  /// Moves all files to their paths, and deletes `stalePaths`, files of an earlier run.
  func commit(deleting stalePaths: [String] = []) throws {
    try OutputFile.commit(Array(files.values), deleting: stalePaths)
  }
}
