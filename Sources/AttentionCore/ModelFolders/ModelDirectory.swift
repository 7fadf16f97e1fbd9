import Foundation

/// A folder that holds a model as Hugging Face lays it out: `config.json`, weights, tokenizer.
///
/// Its files may not lead out of it. A model from a stranger may name `../../secret` as one of its
/// files, or have a symbolic link to it. Only plain names are taken, and only links that stay
/// inside, with one exception: in the cache of the Hugging Face Hub,
/// `models--ORG--NAME/snapshots/REVISION`, all files are links into `models--ORG--NAME/blobs`.
public struct ModelDirectory: Sendable {
  /// The folder's path.
  public let path: String
  /// Where links may lead: `path` itself with its own links resolved, and the blobs beside it.
  private let allowedRoots: [String]

  /// The folder at `path`.
  ///
  /// - Throws: `ModelError.notFound` when there is no such directory.
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

  /// Whether the directory has an entry of that name, be it a link that leads nowhere.
  package func contains(_ name: String) -> Bool {
    var status = stat()
    return isPlainName(name) && lstat("\(path)/\(name)", &status) == 0
  }

  /// The path of a file that must be in the directory, or in a folder inside it.
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
        path: file, reason: "leads to \(resolved), outside the model directory")
    }
    return file
  }

  /// The model's `config.json`.
  ///
  /// - Throws: `ModelError.notFound` when there is none: the folder is not a model's.
  package func configuration() throws -> ConfigurationReader {
    guard contains("config.json") else {
      throw ModelError.notFound(
        model: path, reason: "not a model directory: no such file: config.json\(formatHint())")
    }
    return try ConfigurationReader(contentsOfFile: file("config.json"))
  }
}

/// Whether a name can only be that of an entry of the folder it is looked for in.
func isPlainName(_ name: String) -> Bool {
  !name.isEmpty && name != "." && name != ".." && !name.utf8.contains(UInt8(ascii: "/"))
    && !name.utf8.contains(0)
}

/// The path with every symbolic link resolved; nil, with `errno` set, where it leads nowhere.
private func resolvedPath(_ path: String) -> String? {
  guard let resolved = realpath(path, nil) else { return nil }
  defer { free(resolved) }
  return String(cString: resolved)
}
