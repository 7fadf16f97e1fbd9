import Attention
import AttentionModels
import Foundation
import TestSupport
import Testing

/// Where the library searches for models, for given environment variables.
@Suite struct ModelLookupTests {
  private let home: TemporaryDirectory

  init() throws { home = try TemporaryDirectory() }

  private func found(_ model: String, _ environment: [String: String]) throws -> String {
    try ModelDirectory(model, environment: environment).path
  }

  private func failure(_ model: String, _ environment: [String: String] = [:]) -> String {
    failureText { try found(model, environment) }
  }

  /// A repository in a hub's cache at `hub`, in the layout of the hub's library.
  private func makeRepository(
    _ name: String = "org--small", hub: String, revision: String = "abc123"
  ) throws {
    let folder = "\(hub)/models--\(name)"
    try home.write("{\"model_type\": \"roberta\"}".utf8, to: "\(folder)/blobs/0f0f")
    try home.link("\(folder)/snapshots/\(revision)/config.json", to: "../../blobs/0f0f")
    try home.write(revision.utf8, to: "\(folder)/refs/main")
  }

  @Test func `the path of a folder is used as it is`() throws {
    let path = try home.makeDirectory("models/any name")
    #expect(try found(path, [:]) == path)
    #expect(try found(path + "/", [:]) == path + "/")
  }

  @Test func `a folder comes before a name`() throws {
    try home.makeDirectory("cache/swift-attention/tmp")
    #expect(try found("/tmp", ["XDG_CACHE_HOME": home.path("cache")]) == "/tmp")
  }

  @Test func `a name is found among the models that the scripts fetched`() throws {
    let path = try home.makeDirectory("cache/swift-attention/small")
    for name in ["small", "org/small"] {
      #expect(try found(name, ["XDG_CACHE_HOME": home.path("cache"), "HOME": "/nowhere"]) == path)
    }
    let inHome = try home.makeDirectory(".cache/swift-attention/tiny")
    for cache in [nil, ""] {
      var environment = ["HOME": home.path]
      environment["XDG_CACHE_HOME"] = cache
      #expect(try found("tiny", environment) == inHome)
    }
  }

  @Test func `a fetched hub name comes before a model with the last part of the name`() throws {
    let environment = ["XDG_CACHE_HOME": home.path("cache")]
    let plain = try home.makeDirectory("cache/swift-attention/small")
    let full = try home.makeDirectory("cache/swift-attention/org/small")
    #expect(try found("org/small", environment) == full)
    #expect(try found("small", environment) == plain)
    #expect(try found("other/small", environment) == plain)
  }

  @Test(arguments: [
    ("hub", ["HF_HUB_CACHE": "hub"]), ("hf/hub", ["HF_HOME": "hf"]),
    ("cache/huggingface/hub", ["XDG_CACHE_HOME": "cache"]),
    (".cache/huggingface/hub", ["HOME": ""]),
    ("hub", ["HF_HUB_CACHE": "hub", "HF_HOME": "other", "HOME": "other"]),
    ("hub", ["HUGGINGFACE_HUB_CACHE": "hub"]),
    ("hub", ["HUGGINGFACE_HUB_CACHE": "hub", "HF_HOME": "other"]),
    ("hub", ["HF_HUB_CACHE": "hub", "HUGGINGFACE_HUB_CACHE": "other"]),
    ("hf/hub", ["HF_HOME": "hf", "XDG_CACHE_HOME": "other"]),
  ])
  func `a name is found in the hub's cache`(hub: String, variables: [String: String]) throws {
    try makeRepository(hub: hub)
    let environment = variables.mapValues { $0.isEmpty ? home.path : home.path($0) }
    let directory = try ModelDirectory("org/small", environment: environment)
    #expect(directory.path == home.path("\(hub)/models--org--small/snapshots/abc123"))
    // Its files are links to blobs, which are accepted.
    let text = failureText { try BERT(directory) }
    #expect(text.contains("config.json: unsupported architecture roberta"), "\(text)")
  }

  @Test func `a name without organization is found in the hub's cache`() throws {
    try makeRepository("small", hub: "hub")
    let path = try found("small", ["HF_HUB_CACHE": home.path("hub")])
    #expect(path == home.path("hub/models--small/snapshots/abc123"))
  }

  @Test func `the snapshot is the commit in refs main, without white space`() throws {
    try makeRepository(hub: "hub", revision: "old")
    try makeRepository(hub: "hub", revision: "new")
    try home.write("old\n".utf8, to: "hub/models--org--small/refs/main")
    let path = try found("org/small", ["HF_HUB_CACHE": home.path("hub")])
    #expect(path.hasSuffix("/snapshots/old"))
  }

  @Test(arguments: ["", " \n", "..", ".", "../snapshots/abc123", "a/b", "\0"])
  func `a reference that is not the name of a snapshot is refused`(reference: String) throws {
    try makeRepository(hub: "hub")
    try home.write(reference.utf8, to: "hub/models--org--small/refs/main")
    let text = failure("org/small", ["HF_HUB_CACHE": home.path("hub")])
    #expect(text.contains("refs/main names no snapshot"), "\(text)")
  }

  @Test func `a repository without its snapshot is not the model`() throws {
    try makeRepository(hub: "hub")
    try home.write("gone".utf8, to: "hub/models--org--small/refs/main")
    let text = failure("org/small", ["HF_HUB_CACHE": home.path("hub")])
    #expect(
      text.hasSuffix(
        "no files of revision main in \(home.path("hub/models--org--small")); revisions: main, abc123"
      ),
      "\(text)")
  }

  @Test func `a link of a snapshot to another place is refused`() throws {
    try makeRepository(hub: "hub")
    try home.write("{}".utf8, to: "secret.json")
    let snapshot = "hub/models--org--small/snapshots/abc123"
    try FileManager.default.removeItem(atPath: home.path("\(snapshot)/config.json"))
    try home.link("\(snapshot)/config.json", to: home.path("secret.json"))
    let text = failureText {
      try BERT(ModelDirectory("org/small", environment: ["HF_HUB_CACHE": home.path("hub")]))
    }
    #expect(text.contains("outside the model directory"), "\(text)")
  }

  @Test func `a model that is not found is reported with every searched place`() {
    let text = failure("org/small", ["HOME": home.path, "HF_HOME": "/hf"])
    #expect(
      text == "model org/small: no such folder, "
        + "not in \(home.path(".cache/swift-attention/org/small")), "
        + "not in \(home.path(".cache/swift-attention/small")), "
        + "not in /hf/hub/models--org--small")
  }

  @Test func `a file is not a folder`() throws {
    let file = try home.write([], to: "model.safetensors")
    let text = failure(file)
    #expect(text.contains(file) && text.contains("a file; expected the folder"))
  }

  @Test(arguments: ["", "\0", "a\0b"]) func `an empty name or a NUL is refused`(model: String) {
    #expect(failure(model).contains("expected a folder or a name"))
  }

  @Test(arguments: [
    "../no-such-model", "..", "a/b/c", "org/", "/x-y-z", "org//small", "org/..", "small ", "ａ",
    "a:b",
    "sm\u{301}all", "*",
  ])
  func `a text that is neither a folder nor a name is not searched`(model: String) throws {
    // Each of these would be found if it were appended to a searched folder.
    try home.makeDirectory("cache/no-such-model")
    try home.makeDirectory("cache/swift-attention/a/b/c")
    try home.makeDirectory("cache/swift-attention/small ")
    let text = failure(
      model == ".." ? "\(home.path)/none/.." : model,
      ["XDG_CACHE_HOME": home.path("cache"), "HF_HUB_CACHE": home.path("cache")])
    #expect(text.hasSuffix("no such folder"), "\(text)")
  }
}
