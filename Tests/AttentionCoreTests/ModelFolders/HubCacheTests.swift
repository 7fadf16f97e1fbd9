import AttentionCore
import Foundation
import TestSupport
import Testing

/// Revisions of models in the hub's cache, and environment variables for its folder.
@Suite struct HubCacheTests {
  private let home: TemporaryDirectory
  private let repository = "hub/models--org--small"

  init() throws { home = try TemporaryDirectory() }

  private func snapshot(
    _ revision: String?, model: String = "org/small"
  ) throws -> String {
    try ModelDirectory(
      model, revision: revision, environment: ["HF_HUB_CACHE": home.path("hub"), "HOME": home.path]
    ).path
  }

  private func makeSnapshots(_ commits: String..., references: [String: String] = [:]) throws {
    for commit in commits {
      try home.write("{}".utf8, to: "\(repository)/snapshots/\(commit)/config.json")
    }
    for (name, commit) in references {
      try home.write("\(commit)\n".utf8, to: "\(repository)/refs/\(name)")
    }
  }

  private func path(_ commit: String) -> String { home.path("\(repository)/snapshots/\(commit)") }

  @Test func `a revision is a branch, a tag, a commit, or the beginning of a commit`() throws {
    try makeSnapshots(
      "aa11bb", "aa22cc", "dd33ee",
      references: ["main": "aa11bb", "v1.0": "aa22cc", "refs/pr/1": "dd33ee"])
    for (revision, commit) in [
      (nil, "aa11bb"), ("main", "aa11bb"), ("v1.0", "aa22cc"), ("refs/pr/1", "dd33ee"),
      ("aa22cc", "aa22cc"), ("aa2", "aa22cc"), ("d", "dd33ee"),
    ] as [(String?, String)] {
      #expect(try snapshot(revision) == path(commit), "\(revision ?? "none")")
    }
    for (revision, words) in [
      ("aa", "2 revisions begin with aa"), ("v2", "no revision v2"), ("", "no revision"),
      ("../snapshots/aa11bb", "no revision"), ("refs", "no revision refs"), (".", "no revision"),
      ("ff\u{1b}[31m", #"no revision ff\u{1b}[31m"#),
    ] {
      let text = failureText { try snapshot(revision) }
      #expect(text.contains(words) && text.contains(home.path(repository)), "\(text)")
      #expect(text.contains("main") && text.contains("v1.0") && text.contains("dd33ee"), "\(text)")
    }
  }

  @Test func `the whole hash of a commit comes before hashes that begin with it`() throws {
    try makeSnapshots("abc", "abcd")
    #expect(try snapshot("abc") == path("abc"))
    #expect(try snapshot("abcd") == path("abcd"))
  }

  @Test func `without main, the only snapshot is used, and one of several must be named`() throws {
    try makeSnapshots("aa11bb")
    #expect(try snapshot(nil) == path("aa11bb"))
    #expect(try snapshot("aa11bb") == path("aa11bb"))
    try makeSnapshots("cc22dd", references: ["v1": "cc22dd"])
    let text = failureText { try snapshot(nil) }
    #expect(text.contains("several revisions") && text.contains("v1, aa11bb, cc22dd"), "\(text)")
    #expect(try snapshot("v1") == path("cc22dd"))
  }

  @Test func `a branch without its snapshot is refused, even with other snapshots`() throws {
    try makeSnapshots("aa11bb", references: ["main": "gone", "v1": "gone"])
    for revision in [nil, "main", "v1"] {
      let text = failureText { try snapshot(revision) }
      #expect(text.contains("no files of revision \(revision ?? "main") in"), "\(text)")
    }
  }

  @Test func `the folder of the repository works like the name`() throws {
    try makeSnapshots("aa11bb", "cc22dd", references: ["main": "cc22dd"])
    let folder = home.path(repository)
    #expect(try snapshot(nil, model: folder) == path("cc22dd"))
    #expect(try snapshot("aa", model: folder) == path("aa11bb"))
    // Other folders have no revisions.
    let plain = try home.makeDirectory("plain")
    let text = failureText { try snapshot("main", model: plain) }
    #expect(text.contains("revision main: a folder has no revisions"), "\(text)")
  }

  @Test func `a revision is not searched among fetched models`() throws {
    try home.makeDirectory(".cache/swift-attention/org/small")
    #expect(try snapshot(nil) == home.path(".cache/swift-attention/org/small"))
    #expect(failureText { try snapshot("main") }.contains("not in \(home.path(repository))"))
    try makeSnapshots("aa11bb")
    #expect(try snapshot("aa11bb") == path("aa11bb"))
  }

  @Test(arguments: [
    ("HF_HUB_CACHE", "~/hub"), ("HF_HUB_CACHE", "$HOME/hub"), ("HF_HUB_CACHE", "${HOME}/hub"),
    ("HUGGINGFACE_HUB_CACHE", "~/hub"), ("HF_HUB_CACHE", "$ROOT"), ("HF_HUB_CACHE", "${ROOT}"),
  ])
  func `a tilde and variables in the environment are expanded`(name: String, value: String) throws {
    try makeSnapshots("aa11bb")
    let environment = ["HOME": home.path, "ROOT": home.path("hub"), name: value]
    #expect(try ModelDirectory("org/small", environment: environment).path == path("aa11bb"))
  }

  @Test func `the hub's home may begin with a tilde, and an unknown variable stays`() throws {
    try home.write(
      "{}".utf8, to: "hf/hub/models--org--small/snapshots/aa11bb/config.json")
    let environment = ["HOME": home.path, "HF_HOME": "~/hf"]
    #expect(
      try ModelDirectory("org/small", environment: environment).path
        == home.path("hf/hub/models--org--small/snapshots/aa11bb"))
    // An empty variable counts as missing.
    for name in ["HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"] {
      #expect(
        try ModelDirectory("org/small", environment: environment.merging([name: ""]) { $1 }).path
          == home.path("hf/hub/models--org--small/snapshots/aa11bb"))
    }
    let text = failureText {
      try ModelDirectory("org/small", environment: ["HF_HUB_CACHE": "/x/$NOBODY/${b"])
    }
    #expect(text.contains("not in /x/$NOBODY/${b/models--org--small"), "\(text)")
  }
}
