import Attention
import Foundation

/// The folder of `--gradient-output`: a .npy file for each gradient.
struct GradientFolder {
  /// Every gradient that a run may write.
  private static let allNames = ["dq", "dk", "dv", "dbias", "dsinks"]

  private let typed: TypedPath
  private let folder: OutputFolder
  private let names: [String]

  /// Creates the folder if it does not exist.
  ///
  /// - Parameter names: the gradients of this run.
  /// - Throws: `CLIError.Usage` for a path that is not a folder or cannot be created.
  init(_ typed: TypedPath, names: [String]) throws {
    self.typed = typed
    self.names = names
    folder = try typed.usage { try OutputFolder(path: typed.path) }
  }

  private func path(of name: String) -> TypedPath {
    let folder = typed.path.hasSuffix("/") ? typed.path : typed.path + "/"
    return TypedPath(flag: typed.flag, path: "\(folder)\(name).npy")
  }

  /// The output files of this run.
  var results: [(name: String, path: TypedPath?)] { names.map { ($0, path(of: $0)) } }

  /// The gradient files of an earlier run that this run does not write.
  ///
  /// - Parameter paths: the other files of this run, which are not included.
  func stalePaths(besides paths: [TypedPath]) -> [String] {
    let used = Set(paths.map(\.destination))
    return Self.allNames.filter { !names.contains($0) }.map(path(of:))
      .filter { path in
        var status = stat()
        return lstat(path.path, &status) == 0
          && [S_IFREG, S_IFLNK].contains(status.st_mode & S_IFMT)
          && !used.contains(path.destination)
      }.map(\.path)
  }

  /// Keeps the folder, because its results are complete.
  func keep() { folder.keep() }
}
