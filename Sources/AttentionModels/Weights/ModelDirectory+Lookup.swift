import Attention
import Foundation

extension ModelDirectory {
  /// Finds a model by the path of its folder, or by name.
  ///
  /// In this order: a folder with that path; a model of that name which this package's scripts
  /// fetched (`ORGANISATION/NAME` or `NAME` in `$XDG_CACHE_HOME/swift-attention`, else in
  /// `~/.cache/swift-attention`); a hub name such as `sentence-transformers/all-MiniLM-L6-v2` in
  /// Hugging Face's cache (`$HF_HUB_CACHE`, else `$HF_HOME/hub`, else `~/.cache/huggingface/hub`); one
  /// of the toys that come with this package, see ``DemonstrationModel``. Nothing is downloaded.
  ///
  /// - Throws: `ModelError.notFound` with the places that were searched.
  public init(_ model: String) throws {
    try self.init(model, environment: ProcessInfo.processInfo.environment)
  }

  /// Finds a model where the given environment says that models are kept.
  package init(_ model: String, environment: [String: String]) throws {
    guard !model.isEmpty, !model.utf8.contains(0) else {
      throw ModelError.notFound(model: "\"\"", reason: "expected a folder or a name")
    }
    if isDirectory(model) {
      self = try ModelDirectory(path: model)
      return
    }
    var isFile: ObjCBool = false
    if FileManager.default.fileExists(atPath: model, isDirectory: &isFile) {
      throw ModelError.notFound(
        model: model, reason: "a file, where the folder that holds the model is needed")
    }
    var searched = ["no such folder"]
    if let name = ModelName(model) {
      for candidate in name.places(environment) {
        if let folder = try candidate.folder() {
          self = try ModelDirectory(path: folder)
          return
        }
        searched.append("not in \(candidate.path)")
      }
    }
    if let demonstration = DemonstrationModel(rawValue: model) {
      self = try demonstration.directory()
      return
    }
    throw ModelError.notFound(model: model, reason: searched.joined(separator: ", "))
  }
}

/// A model's name: `NAME` or `ORGANISATION/NAME`, of letters, digits, `-`, `_` and `.`.
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

  /// Where a model of this name may be kept, in order.
  func places(_ environment: [String: String]) -> [Place] {
    func value(_ key: String) -> String? { environment[key].flatMap { $0.isEmpty ? nil : $0 } }
    let cache = value("XDG_CACHE_HOME") ?? "\(value("HOME") ?? "")/.cache"
    let hub =
      value("HF_HUB_CACHE") ?? value("HF_HOME").map { "\($0)/hub" } ?? "\(cache)/huggingface/hub"
    let fetched = parts.indices.map { parts[$0...].joined(separator: "/") }
    return fetched.map { Place(path: "\(cache)/swift-attention/\($0)", isHubRepository: false) }
      + [Place(path: "\(hub)/models--\(parts.joined(separator: "--"))", isHubRepository: true)]
  }

  /// A folder that may hold the model, either itself or as the snapshots of a hub repository.
  struct Place {
    let path: String
    let isHubRepository: Bool

    /// The folder with the model's files; nil when it is not here.
    func folder() throws -> String? {
      guard isDirectory(path) else { return nil }
      guard isHubRepository else { return path }
      // refs/main holds the name of the snapshot that the hub's main branch stood at.
      let reference = "\(path)/refs/main"
      guard FileManager.default.fileExists(atPath: reference) else { return nil }
      let bytes = try InputFile.contents(ofFile: reference, limit: 1 << 10)
      let revision = String(decoding: bytes, as: UTF8.self)
        .trimmingCharacters(in: .whitespacesAndNewlines)
      guard isPlainName(revision) else {
        throw ModelError.notFound(model: path, reason: "refs/main names no snapshot")
      }
      let snapshot = "\(path)/snapshots/\(revision)"
      return isDirectory(snapshot) ? snapshot : nil
    }
  }
}

private func isDirectory(_ path: String) -> Bool {
  var isDirectory: ObjCBool = false
  return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
    && isDirectory.boolValue
}
