import Foundation

/// A folder with a model in Hugging Face's layout: `config.json`, weights, tokenizer.
///
/// All files must be inside the folder: a malicious model may name `../../secret` as one of its files, or
/// contain a symbolic link to it. Only plain file names are accepted, and only links to files inside the
/// folder. In the cache of the Hugging Face Hub, `models--ORG--NAME/snapshots/REVISION`, files are links
/// into `models--ORG--NAME/blobs`, which are also accepted.
public struct ModelDirectory: Sendable {
  /// The folder's path.
  public let path: String
  /// Links may point to files in these folders: `path` with its links resolved, and the hub's blobs.
  private let allowedRoots: [String]

  /// The folder at `path`.
  ///
  /// - Throws: `ModelError.notFound` if there is no such folder.
  public init(path: String) throws {
    var status = stat()
    guard !path.utf8.contains(0), stat(path, &status) == 0, let root = resolvedPath(path) else {
      throw ModelError.notFound(model: path, reason: "no such file or directory")
    }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      throw ModelError.notFound(model: path, reason: "not a directory")
    }
    self.path = path
    let components = root.split(separator: "/")
    let isSnapshot =
      components.count >= 3 && components[components.count - 2] == "snapshots"
      && components[components.count - 3].hasPrefix("models--")
    let repository = "/" + components.dropLast(2).joined(separator: "/")
    self.allowedRoots = isSnapshot ? [root, repository + "/blobs"] : [root]
  }

  private init(path: String, allowedRoots: [String]) {
    self.path = path
    self.allowedRoots = allowedRoots
  }

  /// A folder inside this one, whose links may point to the same files.
  ///
  /// - Throws: as ``file(_:in:)``; `ModelError.notFound` if it is not a folder.
  package func folder(_ name: String) throws -> ModelDirectory {
    let path = try file(name)
    guard isDirectory(path) else {
      throw ModelError.notFound(model: path, reason: "not a directory")
    }
    return ModelDirectory(path: path, allowedRoots: allowedRoots)
  }

  /// Whether the folder has an entry with this name, which may be a broken link.
  package func contains(_ name: String) -> Bool {
    var status = stat()
    return isPlainName(name) && lstat("\(path)/\(name)", &status) == 0
  }

  /// The path of a file in this folder, or in a folder inside it.
  ///
  /// - Throws: `AttentionError.file`: "outside the model directory", or "no such file".
  package func file(_ name: String, in folder: String? = nil) throws -> String {
    let components = [folder, name].compactMap(\.self)
    let file = "\(path)/\(components.joined(separator: "/"))"
    guard components.allSatisfy(isPlainName) else {
      throw AttentionError.file(
        path: path,
        reason:
          "file name '\(printable(components.joined(separator: "/")))' is outside the model directory"
      )
    }
    guard let resolved = resolvedPath(file) else { throw systemError(path: file) }
    guard allowedRoots.contains(where: { resolved.hasPrefix($0 == "/" ? $0 : $0 + "/") }) else {
      throw AttentionError.file(
        path: file, reason: "links to \(resolved), outside the model directory")
    }
    return file
  }
}

/// Whether a name is the name of a file in the folder, not a path into another folder.
func isPlainName(_ name: String) -> Bool {
  !name.isEmpty && name != "." && name != ".." && !name.utf8.contains(UInt8(ascii: "/"))
    && !name.utf8.contains(0)
}

/// The path with all symbolic links resolved; nil, with `errno` set, if the target does not exist.
private func resolvedPath(_ path: String) -> String? {
  guard let resolved = realpath(path, nil) else { return nil }
  defer { free(resolved) }
  return String(cString: resolved)
}
