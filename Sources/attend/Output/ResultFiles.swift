import Attention

/// The .npy files of one run: opened before the work, named only when all of them are written.
struct ResultFiles {
  private let files: [String: OutputFile]

  /// Opens a file for every result that has a path.
  ///
  /// - Throws: `Failure.Usage` for a path that cannot be written, or that two results have.
  init(_ results: [(name: String, path: TypedPath?)]) throws {
    try requireDistinct(results.compactMap(\.path))
    var files: [String: OutputFile] = [:]
    for case (let name, let path?) in results { files[name] = try path.openOutput() }
    self.files = files
  }

  /// Writes the tensors whose names have a file.
  func write(_ tensors: [String: Tensor?]) throws {
    for case (let name, let tensor?) in tensors {
      if let file = files[name] { try tensor.writeNPY(to: file.write) }
    }
  }

  /// Gives every file its name, and deletes `stalePaths`, files of an earlier run.
  func commit(deleting stalePaths: [String] = []) throws {
    try OutputFile.commit(Array(files.values), deleting: stalePaths)
  }
}
