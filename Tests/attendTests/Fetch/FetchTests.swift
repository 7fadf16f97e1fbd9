import Foundation
import TestSupport
import Testing

/// `Scripts/fetch` downloads the files of a model once, and `--model` finds the model by its name.
@Suite(.enabled(if: HubServer.isAvailable, "needs python3 and curl"))
struct FetchTests {
  private let hub: HubServer
  private let weights = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) }

  init() throws {
    hub = try HubServer()
    try hub.add(["config.json": #"{"model_type": "gpt2"}"#, "tokenizer.json": "{}"])
    try hub.add(weights, "model.safetensors")
  }

  @Test func `A downloaded model is found by its name`() throws {
    let model = URL(fileURLWithPath: try TinyModel.write(to: hub.folder))
    for name in ["config.json", "vocab.txt", "model.safetensors"] {
      try hub.add(Data(contentsOf: model.appendingPathComponent(name)), name, to: "org/tiny-bert")
    }
    let run = try hub.fetch("org/tiny-bert")
    #expect(run.status == 0, "\(run)")
    #expect(run.output.isEmpty)
    #expect(run.error.hasSuffix("The model is in \(hub.place("org/tiny-bert"))\n"))
    let environment = ["XDG_CACHE_HOME": hub.folder.path("cache")]
    let embedded = try attend(
      "embed", "the cat", "--model", "org/tiny-bert", environment: environment)
    #expect(embedded.status == 0, "\(embedded)")
    #expect(embedded.output == (try attend("embed", "the cat", "--model", model.path)).output)
  }

  @Test func `Only files that the package reads are downloaded`() throws {
    let needed = [
      "1_Pooling/config.json", "config_sentence_transformers.json", "generation_config.json",
      "modules.json", "sentence_bert_config.json", "special_tokens_map.json",
      "tokenizer_config.json",
    ]
    let others = [
      "README.md", "vocab.txt", "vocab.json", "merges.txt", "spiece.model", "pytorch_model.bin",
      "onnx/model.onnx", "tf_model.h5", "model.safetensors.index.json", "training_args.bin",
    ]
    for file in needed + others { try hub.add([file: "{\"\(file)\": 1}"]) }
    let run = try hub.fetch("org/small")
    #expect(run.status == 0, "\(run)")
    let files = (needed + ["config.json", "model.safetensors", "tokenizer.json"]).sorted()
    #expect(hub.contents() == files)
    for file in files {
      #expect(
        try bytes(ofFile: "\(hub.place())/\(file)")
          == bytes(ofFile: hub.folder.path("repositories/org/small/\(file)")))
    }
    #expect(try hub.files().sorted() == files.map { String($0.split(separator: "/").last ?? "") })
  }

  @Test func `Sharded weights are downloaded with their index`() throws {
    try hub.remove("model.safetensors")
    let shards = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"]
    for (index, shard) in shards.enumerated() { try hub.add(weights[(index * 1000)...], shard) }
    try hub.add([
      "model.safetensors.index.json": """
      {"metadata": {"total_size": 600000, "note": "none.safetensors"}, "weight_map": {
        "a": "\(shards[0])", "b.model.safetensors":"\(shards[1])",
        "c" : "\(shards[0])"
      }}
      """
    ])
    let run = try hub.fetch("org/small")
    #expect(run.status == 0, "\(run)")
    #expect(
      hub.contents()
        == ["config.json"] + shards + ["model.safetensors.index.json", "tokenizer.json"])
    try hub.remove(shards[1])
    let missing = try hub.fetch("org/small", "--into", hub.folder.path("other"))
    #expect(missing.status == 1)
    #expect(missing.error.contains("has no \(shards[1])"), "\(missing)")
  }

  @Test func `Unchanged files are not downloaded again`() throws {
    #expect(try hub.fetch("org/small").status == 0)
    #expect(try hub.files().count == 3)
    let again = try hub.fetch("org/small")
    #expect(again.status == 0)
    #expect(again.error == "\(hub.place()) is up to date\n")
    #expect(try hub.files().isEmpty)
    // Only a modified file is downloaded again.
    try Data("{ }".utf8).write(to: URL(fileURLWithPath: "\(hub.place())/tokenizer.json"))
    #expect(try hub.fetch("org/small").status == 0)
    #expect(try hub.files() == ["tokenizer.json"])
    #expect(try bytes(ofFile: "\(hub.place())/tokenizer.json") == Array("{}".utf8))
  }

  @Test func `A model that has changed on the hub is updated`() throws {
    try hub.add(["generation_config.json": "{}"])
    #expect(try hub.fetch("org/small").status == 0)
    _ = try hub.requests()
    try hub.add(["config.json": "{}"])
    try hub.remove("generation_config.json")
    #expect(try hub.fetch("org/small").status == 0)
    #expect(try hub.files() == ["config.json"])
    #expect(hub.contents() == ["config.json", "model.safetensors", "tokenizer.json"])
    #expect(try bytes(ofFile: "\(hub.place())/config.json") == Array("{}".utf8))
    #expect(hub.cached.allSatisfy { !$0.contains(".part") }, "\(hub.cached)")
  }

  @Test func `All files are from one commit of the revision`() throws {
    for (revision, text) in [("v1.0", "one"), ("refs-pr-3", "three")] {
      try hub.add(["config.json": text], to: "org/small@\(revision)")
      try hub.add(weights, "model.safetensors", to: "org/small@\(revision)")
    }
    for (revision, text) in [("v1.0", "one"), ("refs/pr/3", "three")] {
      let folder = hub.folder.path("at/\(text)")
      let run = try hub.fetch("--into", folder, "--revision=\(revision)", "org/small")
      #expect(run.status == 0, "\(run)")
      #expect(try bytes(ofFile: "\(folder)/config.json") == Array(text.utf8))
      let requests = try hub.requests().filter { $0[2].contains("/resolve/") }.map { $0[2] }
      #expect(requests.count > 3)
      let commit = try #require(requests.dropFirst().first?.split(separator: "/").dropLast().last)
      #expect(commit.wholeMatch(of: /[0-9a-f]{40}/) != nil)
      #expect(requests.dropFirst().allSatisfy { $0.contains("/resolve/\(commit)/") })
    }
  }

  @Test func `A renamed model is found under its old name`() throws {
    try hub.set(#"{"moved": {"old/small": "org/small"}}"#)
    #expect(try hub.fetch("old/small").status == 0)
    #expect(hub.contents("old/small") == ["config.json", "model.safetensors", "tokenizer.json"])
  }

  @Test func `--into names a folder, and only downloaded folders are replaced`() throws {
    let folder = try hub.folder.makeDirectory("empty folder")
    #expect(try hub.fetch("org/small", "--into", folder + "//").status == 0)
    #expect(hub.contents(ofFolder: folder).count == 3)
    try hub.add(["config.json": "{}"])
    #expect(try hub.fetch("org/small", "--into", folder).status == 0)
    #expect(try bytes(ofFile: "\(folder)/config.json") == Array("{}".utf8))
    #expect(!hub.cached.contains { $0.contains("small") })

    let diary = try hub.folder.write("Dear diary".utf8, to: "mine/diary.txt")
    for place in [hub.folder.path("mine"), diary, hub.folder.path, "/", ".", hub.folder.path("..")]
    {
      let run = try hub.fetch("org/small", "--into", place)
      #expect(run.status == 2, "\(run)")
    }
    #expect(hub.contents(ofFolder: hub.folder.path("mine")) == ["diary.txt"])
  }

  @Test func `A model without a tokenizer is downloaded with a warning`() throws {
    try hub.remove("tokenizer.json")
    let run = try hub.fetch("org/small")
    #expect(run.status == 0)
    #expect(run.error.contains("neither tokenizer.json nor vocab.txt"))
  }

  @Test func `Help is on standard output`() throws {
    let run = try hub.fetch("--help")
    #expect(run.status == 0)
    #expect(run.output.hasPrefix("Usage: Scripts/fetch ORG/NAME [--revision R] [--into DIR]\n"))
    #expect(run.error.isEmpty)
  }

  @Test func `An invalid command line is refused`() throws {
    for arguments in [
      [], ["small"], ["a/b/c"], ["org/"], ["/small"], ["org/.."], ["../small"], ["org/a b"],
      ["org/ä"], ["org/a%2fb"], ["org/-x"], ["org/small?x"], ["org/small", "org/other"],
      ["org/\(String(repeating: "a", count: 97))"], ["org/small", "--frobnicate"],
      ["org/small", "--revision"], ["org/small", "--revision", ""], ["org/small", "--into"],
      ["org/small", "--revision", "../x"], ["org/small", "--revision", "a/../b"],
      ["org/small", "--revision", "a b"], ["org/small", "--revision", "-x"],
    ] {
      let run = try hub.start(arguments).finished()
      #expect(run.status == 2, "\(arguments): \(run)")
      #expect(run.output.isEmpty)
      #expect(run.error.contains("\nUsage: Scripts/fetch ORG/NAME"))
    }
    #expect(try hub.requests().isEmpty)
    #expect(hub.cached.isEmpty)
  }
}
