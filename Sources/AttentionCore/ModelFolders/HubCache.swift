import Foundation

/// The cache of models that Hugging Face's library has downloaded.
///
/// - Source: `huggingface_hub/constants.py`.
struct HubCache {
  let environment: [String: String]

  /// `$HF_HUB_CACHE`, else `$HUGGINGFACE_HUB_CACHE`, else `$HF_HOME/hub`, else `huggingface/hub` in the
  /// user's cache, with `~` and variables in them expanded.
  var path: String {
    let home = variable("HF_HOME") ?? "\(userCache)/huggingface"
    return expanded(
      variable("HF_HUB_CACHE") ?? variable("HUGGINGFACE_HUB_CACHE") ?? "\(expanded(home))/hub")
  }

  /// `$XDG_CACHE_HOME`, else `~/.cache`.
  var userCache: String { variable("XDG_CACHE_HOME") ?? "\(home)/.cache" }

  private var home: String { variable("HOME") ?? "" }

  /// The value of a variable; nil if it is not set or empty.
  private func variable(_ name: some StringProtocol) -> String? {
    environment[String(name)].flatMap { $0.isEmpty ? nil : $0 }
  }

  /// The path with a leading `~`, `$NAME` and `${NAME}` expanded; unknown variables are left as they are.
  private func expanded(_ path: String) -> String {
    var rest = Substring(path)
    var result = ""
    if rest == "~" || rest.hasPrefix("~/") {
      result = home
      rest = rest.dropFirst()
    }
    while let dollar = rest.firstIndex(of: "$") {
      result += rest[..<dollar]
      rest = rest[dollar...]
      let isBraced = rest.dropFirst().first == "{"
      let start = rest.index(rest.startIndex, offsetBy: isBraced ? 2 : 1)
      let name = rest[start...].prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
      var end = name.endIndex
      let isClosed = !isBraced || (end < rest.endIndex && rest[end] == "}")
      if isBraced, isClosed { end = rest.index(after: end) }
      result += (isClosed ? variable(name) : nil) ?? String(rest[..<end])
      rest = rest[end...]
    }
    return result + rest
  }
}

/// A repository in the hub's cache. For each branch and tag, `refs/` has a file with the hash of a commit;
/// for each commit, `snapshots/` has a folder with the files.
struct HubRepository {
  let path: String

  /// The folder with the files of a revision; nil if this folder is not a repository.
  ///
  /// - Parameters:
  ///   - revision: a branch, a tag, the hash of a commit or a prefix of it; nil for `main`, or the only
  ///     revision.
  ///   - model: the name of the model in errors.
  /// - Throws: `ModelError.notFound` with the revisions in the cache.
  func snapshot(of revision: String?, model: String) throws -> String? {
    guard (path as NSString).lastPathComponent.hasPrefix("models--"),
      isDirectory("\(path)/snapshots")
    else { return nil }
    let commits = try FileManager.default.contentsOfDirectory(atPath: "\(path)/snapshots")
      .filter { isDirectory("\(path)/snapshots/\($0)") }.sorted()
    func failure(_ reason: String) -> ModelError {
      let known = (references() + commits).map { printable($0, limit: 60) }
      return .notFound(
        model: model,
        reason: "\(reason) in \(path)"
          + (known.isEmpty ? ": the folder has no snapshot" : "; revisions: \(Self.list(known))"))
    }
    let name = revision ?? "main"
    if let commit = try commit(of: name) {
      guard commits.contains(commit) else {
        throw failure("no files of revision \(printable(name))")
      }
      return "\(path)/snapshots/\(commit)"
    }
    guard let revision else {
      // A repository that was downloaded by commit has no refs/main.
      if commits.count > 1 { throw failure("several revisions but no main; specify a revision") }
      return commits.first.map { "\(path)/snapshots/\($0)" }
    }
    let matches = commits.filter { $0 == revision }
    let candidates =
      matches.isEmpty && !revision.isEmpty ? commits.filter { $0.hasPrefix(revision) } : matches
    guard let commit = candidates.first else { throw failure("no revision \(printable(revision))") }
    guard candidates.count == 1 else {
      throw failure("\(candidates.count) revisions begin with \(printable(revision))")
    }
    return "\(path)/snapshots/\(commit)"
  }

  /// The commit of a branch or tag; nil if there is no such branch or tag.
  private func commit(of name: String) throws -> String? {
    // Branch names may contain slashes, such as refs/pr/1.
    let parts = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    let file = "\(path)/refs/\(name)"
    guard parts.allSatisfy(isPlainName), FileManager.default.fileExists(atPath: file),
      !isDirectory(file)
    else { return nil }
    let bytes = try InputFile.contents(ofFile: file, kind: .reference)
    let commit = String(decoding: bytes, as: UTF8.self)
      .trimmingCharacters(in: .whitespacesAndNewlines)
    guard isPlainName(commit) else {
      throw ModelError.notFound(model: path, reason: "refs/\(printable(name)) names no snapshot")
    }
    return commit
  }

  /// The names of the branches and tags in `refs` and its subfolders.
  private func references() -> [String] {
    func entries(_ folder: String) -> [String] {
      ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    }
    return entries("\(path)/refs").flatMap { name in
      isDirectory("\(path)/refs/\(name)")
        ? entries("\(path)/refs/\(name)").map { "\(name)/\($0)" } : [name]
    }
  }

  private static func list(_ names: [String]) -> String {
    let shown = 12
    return names.prefix(shown).joined(separator: ", ") + (names.count > shown ? ", …" : "")
  }
}
