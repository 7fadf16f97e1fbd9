import Foundation

/// The commit of the repository that contains a program, as it is checked out now.
package enum Checkout {
  /// The first 10 digits of the commit of the repository around the running program; nil if it is
  /// installed elsewhere.
  package static var ofThisProgram: String? {
    guard let program = Bundle.main.executableURL?.resolvingSymlinksInPath() else { return nil }
    var folder = program.deletingLastPathComponent()
    while folder.path != "/" {
      if FileManager.default.fileExists(atPath: folder.appendingPathComponent(".git").path) {
        return commit(inRepository: folder.path).map { String($0.prefix(10)) }
      }
      folder = folder.deletingLastPathComponent()
    }
    return nil
  }

  /// The commit of a repository's HEAD, read from its files without git.
  package static func commit(inRepository path: String) -> String? {
    guard var folder = gitFolder("\(path)/.git"), let head = line("\(folder)/HEAD") else {
      return nil
    }
    guard head.hasPrefix("ref: ") else { return isCommit(head) ? head : nil }
    let name = head.dropFirst("ref: ".count)
    // A worktree has a HEAD, and its branches are in the folder of the repository.
    if let common = line("\(folder)/commondir") {
      folder = common.hasPrefix("/") ? common : "\(folder)/\(common)"
    }
    if let commit = line("\(folder)/\(name)"), isCommit(commit) { return commit }
    let packed = try? String(contentsOfFile: "\(folder)/packed-refs", encoding: .utf8)
    let commit = packed?.split(separator: "\n").first { $0.hasSuffix(" \(name)") }?
      .split(separator: " ").first.map(String.init)
    return commit.flatMap { isCommit($0) ? $0 : nil }
  }

  /// The folder itself, or the folder that the file of a worktree names.
  private static func gitFolder(_ path: String) -> String? {
    guard let text = line(path) else { return path }
    let prefix = "gitdir: "
    return text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : nil
  }

  private static func line(_ path: String) -> String? {
    let text = try? String(contentsOfFile: path, encoding: .utf8)
    return text?.split(separator: "\n").first.map(String.init)
  }

  private static func isCommit(_ text: String) -> Bool {
    text.count >= 40 && text.allSatisfy(\.isHexDigit)
  }
}
