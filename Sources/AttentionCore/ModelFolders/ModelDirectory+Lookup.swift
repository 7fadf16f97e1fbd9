import Foundation

extension ModelDirectory {
  /// Finds a model by the path of its folder, or by name.
  ///
  /// Searches in this order: a folder with that path; a model that this package's scripts have
  /// downloaded (`ORGANIZATION/NAME` or `NAME` in `$XDG_CACHE_HOME/swift-attention`, else in
  /// `~/.cache/swift-attention`); a hub name such as `sentence-transformers/all-MiniLM-L6-v2` in
  /// Hugging Face's cache (`$HF_HUB_CACHE`, else `$HUGGINGFACE_HUB_CACHE`, else `$HF_HOME/hub`, else
  /// `$XDG_CACHE_HOME/huggingface/hub`, else `~/.cache/huggingface/hub`). Nothing is downloaded.
  ///
  /// - Parameters:
  ///   - model: the path or name.
  ///   - revision: the revision in Hugging Face's cache: a branch, a tag, the hash of a commit or a unique
  ///     prefix of it. nil: `main`, or without `main` the only revision in the cache.
  /// - Throws: `ModelError.notFound` with the places that were searched, or the revisions in the cache.
  public init(_ model: String, revision: String? = nil) throws {
    try self.init(
      model, revision: revision, environment: ProcessInfo.processInfo.environment)
  }

  /// Finds a model in the caches that the given environment variables define.
  package init(
    _ model: String, revision: String? = nil, environment: [String: String]
  ) throws {
    guard !model.isEmpty, !model.utf8.contains(0) else {
      throw ModelError.notFound(model: "\"\"", reason: "expected a folder or a name")
    }
    if isDirectory(model) {
      try self.init(folder: model, revision: revision)
      return
    }
    if FileManager.default.fileExists(atPath: model) {
      throw ModelError.notFound(
        model: model,
        reason: "a file; expected the folder of the model"
          + (ModelFormat(fileName: model).map { "; \($0.advice)" } ?? ""))
    }
    var searched = ["no such folder"]
    if let name = ModelName(model) {
      // Only the hub's cache has revisions.
      let folders = revision == nil ? name.fetchedFolders(environment) : []
      for folder in folders {
        if isDirectory(folder) {
          self = try ModelDirectory(path: folder)
          return
        }
        searched.append("not in \(folder)")
      }
      let repository = name.repository(environment)
      if let snapshot = try repository.snapshot(of: revision, model: model) {
        self = try ModelDirectory(path: snapshot)
        return
      }
      searched.append("not in \(repository.path)")
    }
    throw ModelError.notFound(model: model, reason: searched.joined(separator: ", "))
  }

  /// Finds the model in a folder, which may be a repository in the hub's cache.
  private init(folder: String, revision: String?) throws {
    let repository = HubRepository(path: folder)
    if let snapshot = try repository.snapshot(of: revision, model: folder) {
      self = try ModelDirectory(path: snapshot)
    } else if let revision {
      throw ModelError.notFound(
        model: folder,
        reason: "revision \(printable(revision)): a folder has no revisions; use the model's name")
    } else {
      self = try ModelDirectory(path: folder)
    }
  }
}

/// A model's name: `NAME` or `ORGANIZATION/NAME`, of letters, digits, `-`, `_` and `.`.
private struct ModelName {
  let parts: [String]

  init?(_ text: String) {
    parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    let isValid = parts.allSatisfy { part in
      !part.isEmpty && part != "." && part != ".."
        && part.utf8.allSatisfy {
          switch $0 {
          case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
            UInt8(ascii: "."):
            true
          default: false
          }
        }
    }
    guard isValid, parts.count <= 2 else { return nil }
  }

  /// The folders to which this package's scripts may have downloaded the model, in search order.
  func fetchedFolders(_ environment: [String: String]) -> [String] {
    let cache = HubCache(environment: environment).userCache
    return parts.indices.map {
      "\(cache)/swift-attention/\(parts[$0...].joined(separator: "/"))"
    }
  }

  /// The model's folder in Hugging Face's cache.
  func repository(_ environment: [String: String]) -> HubRepository {
    let hub = HubCache(environment: environment).path
    return HubRepository(path: "\(hub)/models--\(parts.joined(separator: "--"))")
  }
}

package func isDirectory(_ path: String) -> Bool {
  var isDirectory: ObjCBool = false
  return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
    && isDirectory.boolValue
}
