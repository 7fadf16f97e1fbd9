import Foundation
import TestSupport
import Testing

/// `Scripts/fetch` with failures of the hub, the network or the disk, and with invalid input.
@Suite(.enabled(if: HubServer.isAvailable, "needs python3 and curl"))
struct FetchFailureTests {
  private let hub: HubServer
  private let weights = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) }

  init() throws {
    hub = try HubServer()
    try hub.add(["config.json": #"{"model_type": "gpt2"}"#, "tokenizer.json": "{}"])
    try hub.add(weights, "model.safetensors")
  }

  /// Expects a failure with a message in the last line of standard error, and no model.
  private func expectFailure(
    _ run: AttendRun, _ words: String..., location: SourceLocation = #_sourceLocation
  ) {
    #expect(run.status == 1, "\(run)", sourceLocation: location)
    #expect(run.output.isEmpty, sourceLocation: location)
    let last = run.error.split(separator: "\n").last ?? ""
    #expect(last.hasPrefix("fetch: "), "\(run)", sourceLocation: location)
    for word in words { #expect(last.contains(word), "\(run)", sourceLocation: location) }
    #expect(hub.contents().isEmpty, sourceLocation: location)
  }

  private func expectWeights(_ run: AttendRun, location: SourceLocation = #_sourceLocation) throws {
    #expect(run.status == 0, "\(run)", sourceLocation: location)
    #expect(
      try bytes(ofFile: "\(hub.place())/model.safetensors") == weights, sourceLocation: location)
    #expect(
      hub.contents() == ["config.json", "model.safetensors", "tokenizer.json"],
      sourceLocation: location)
  }

  /// The requested byte ranges of the weights.
  private func ranges() throws -> [String] {
    try hub.requests().filter { $0[0] == "elsewhere" }.map { $0[4] }
  }

  // MARK: - Resuming

  @Test func `A download resumes at the last byte after a lost connection`() throws {
    try hub.set(
      #"{"faults": [{"path": "/model.safetensors", "drop": 100000, "times": 2}]}"#)
    try expectWeights(try hub.fetch("org/small"))
    #expect(try ranges() == ["-", "bytes=100000-", "bytes=200000-"])
  }

  @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
  func `An interrupted download resumes at the last byte`(signal: Int32) throws {
    try hub.set(
      #"{"faults": [{"path": "/model.safetensors", "stall": 100000, "times": 1}]}"#)
    let process = try hub.start(["org/small"])
    let deadline = ContinuousClock.now + .seconds(30)
    while process.isRunning, ContinuousClock.now < deadline, partSize == 0 { usleep(10_000) }
    kill(process.processIdentifier, signal)
    let run = try process.finished()
    #expect(run.status == 128 + signal, "\(run)")
    #expect(run.error.contains("fetch: interrupted"), "\(run)")
    #expect(hub.contents().isEmpty)
    _ = try hub.requests()
    let size = partSize
    #expect((1...100_000).contains(size))

    let next = try hub.fetch("org/small")
    try expectWeights(next)
    let ranges = try ranges()
    #expect(ranges == ["bytes=\(size)-"], "\(next)")
    #expect(hub.cached.allSatisfy { !$0.contains(".part") }, "\(hub.cached)")
  }

  /// The downloaded bytes of the weights. curl writes whole blocks, so the last bytes may be missing.
  private var partSize: Int {
    let part = hub.cached.first { $0.contains("model.safetensors.") }
    return part.flatMap { try? bytes(ofFile: hub.folder.path("cache/\($0)")).count } ?? 0
  }

  @Test func `A partial file may be wrong, too long or complete`() throws {
    for beginning in [
      Array("something else".utf8), weights + [1], Array(weights.dropLast()) + [0], weights,
    ] {
      try? FileManager.default.removeItem(atPath: hub.place())
      try hub.set(#"{"faults": [{"path": "/model.safetensors", "status": 404}]}"#)
      expectFailure(try hub.fetch("org/small"), "model.safetensors", "no such file")
      let part = try #require(hub.cached.first { $0.contains("model.safetensors.") })
      try hub.folder.write(beginning, to: "cache/\(part)")
      try hub.set("{}")
      try expectWeights(try hub.fetch("org/small"))
    }
  }

  @Test func `A hub that does not support ranges sends the whole file again`() throws {
    try hub.set(
      """
      {"faults": [{"path": "/model.safetensors", "drop": 1000, "times": 1},
                  {"path": "/model.safetensors", "no_ranges": true}]}
      """)
    try expectWeights(try hub.fetch("org/small"))
  }

  @Test func `A second process for the same model is refused`() throws {
    try hub.set(#"{"faults": [{"path": "/model.safetensors", "stall": 100000, "times": 1}]}"#)
    let first = try hub.start(["org/small"])
    let deadline = ContinuousClock.now + .seconds(30)
    while first.isRunning, ContinuousClock.now < deadline, partSize == 0 { usleep(10_000) }
    expectFailure(try hub.fetch("org/small"), "org/small", "another process")
    kill(first.processIdentifier, SIGINT)
    #expect(try first.finished().status == 130)
    try expectWeights(try hub.fetch("org/small"))
  }

  // MARK: - Responses of the hub

  @Test func `A wrong byte is detected`() throws {
    for file in ["tokenizer.json", "model.safetensors"] {
      try hub.set(#"{"faults": [{"path": "/\#(file)", "corrupt": true}]}"#)
      expectFailure(try hub.fetch("org/small"), file, "checksum")
    }
    try hub.set("{}")
    try expectWeights(try hub.fetch("org/small"))
  }

  @Test func `A file without a checksum is refused`() throws {
    try hub.set(
      """
      {"faults": [{"path": "/tokenizer.json", "method": "HEAD", "no_checksum": true}]}
      """)
    expectFailure(try hub.fetch("org/small"), "tokenizer.json", "no checksum")
  }

  @Test func `Pickled weights are refused, and no file is left`() throws {
    try hub.remove("model.safetensors")
    try hub.add(["pytorch_model.bin": "x"])
    expectFailure(try hub.fetch("org/small"), "org/small", "no safetensors", "can run code")
    #expect(try hub.files().isEmpty)
    #expect(hub.cached.filter { $0 != "swift-attention" }.isEmpty, "\(hub.cached)")
  }

  @Test func `Errors name the model, revision or file that does not exist`() throws {
    expectFailure(try hub.fetch("org/other"), "org/other", "HF_TOKEN")
    let known = ["HF_TOKEN": "abc"]
    expectFailure(try hub.fetch("org/other", environment: known), "has no model org/other")
    expectFailure(try hub.fetch("org/small", "--revision", "v9"), "no revision v9")
    try hub.remove("config.json")
    expectFailure(try hub.fetch("org/small"), "no config.json")
  }

  @Test func `Errors about private and gated models say how to get access`() throws {
    try hub.set(#"{"token": "hf_right"}"#)
    expectFailure(try hub.fetch("org/small"), "org/small", "set HF_TOKEN")
    let wrong = try hub.fetch("org/small", environment: ["HF_TOKEN": "hf_wrong"])
    expectFailure(wrong, "does not accept HF_TOKEN")
    #expect(!wrong.error.contains("hf_wrong"))
    try hub.set(#"{"token": "hf_right", "gated": true}"#)
    expectFailure(try hub.fetch("org/small"), "terms at \(hub.address)/org/small", "HF_TOKEN")
    expectFailure(
      try hub.fetch("org/small", environment: ["HF_TOKEN": "hf_wrong"]),
      "terms at \(hub.address)/org/small")
    try expectWeights(try hub.fetch("org/small", environment: ["HF_TOKEN": " hf_right\n"]))
  }

  @Test(arguments: [("HEAD", 403, "refused"), ("HEAD", 418, "418"), ("GET", 404, "no such file")])
  func `Other HTTP statuses are reported`(method: String, status: Int, word: String) throws {
    try hub.set(
      """
      {"faults": [{"path": "/config.json", "method": "\(method)", "status": \(status)}]}
      """)
    expectFailure(try hub.fetch("org/small"), "config.json", word)
  }

  @Test func `A request to a busy hub is repeated`() throws {
    try hub.set(
      """
      {"faults": [{"path": "/config.json", "method": "HEAD", "status": 503, "times": 1},
                  {"path": "/tokenizer.json", "status": 429, "times": 1}]}
      """)
    try expectWeights(try hub.fetch("org/small"))
  }

  // MARK: - Secrets

  @Test func `The token is sent only to the hub and is not visible in process lists`() throws {
    try hub.set(
      """
      {"token": "hf_secret", "faults": [{"path": "/model.safetensors", "stall": 100000, "times": 1}]}
      """)
    let process = try hub.start(["org/small"], environment: ["HF_TOKEN": "hf_secret"])
    let deadline = ContinuousClock.now + .seconds(30)
    while process.isRunning, ContinuousClock.now < deadline, partSize == 0 { usleep(10_000) }
    // The command lines, which every user of the machine can see.
    for name in try FileManager.default.contentsOfDirectory(atPath: "/proc")
    where Int(name) != nil {
      guard let line = try? bytes(ofFile: "/proc/\(name)/cmdline") else { continue }
      let text = String(decoding: line, as: UTF8.self)
      #expect(!text.contains("hf_secret") && !text.contains("signature="), "\(text)")
    }
    kill(process.processIdentifier, SIGINT)
    let interrupted = try process.finished()
    let run = try hub.fetch("org/small", environment: ["HF_TOKEN": "hf_secret"])
    try expectWeights(run)
    for text in [interrupted.error, run.error] {
      #expect(!text.contains("hf_secret") && !text.contains("signature"))
    }
    let requests = try hub.requests()
    #expect(requests.contains { $0[0] == "elsewhere" })
    for request in requests {
      #expect(request[3] == (request[0] == "hub" ? "Bearer_hf_secret" : "-"), "\(request)")
    }
  }

  @Test(arguments: [
    "\"\nurl = \"http://127.0.0.1/\"", "a b", "a\"b", "a\\b", "ä",
  ])
  func `A token with characters that could inject options is refused`(token: String) throws {
    let run = try hub.fetch("org/small", environment: ["HF_TOKEN": token])
    // White space is removed, because files and clipboards may add it.
    if token == "a b" {
      #expect(run.status == 0)
    } else {
      expectFailure(run, "HF_TOKEN")
      #expect(try hub.requests().isEmpty)
    }
  }

  @Test func `An invalid endpoint is refused`() throws {
    for endpoint in [
      "huggingface.co", "ftp://huggingface.co", "file:///etc", "https://a b",
      "https://user:x@host", "https://host/\"", "https://", "https://host?x",
    ] {
      expectFailure(
        try hub.fetch("org/small", environment: ["HF_ENDPOINT": endpoint]), "HF_ENDPOINT")
    }
  }

  @Test(arguments: [
    "file:///etc/passwd", "ftp://127.0.0.1/", "javascript:x", "http://a\\\"b/", "",
  ])
  func `A redirection to an invalid address is refused`(location: String) throws {
    try hub.set(
      """
      {"faults": [{"path": "/model.safetensors", "method": "HEAD", "location": "\(location)"}]}
      """)
    expectFailure(try hub.fetch("org/small"), "model.safetensors", "redirection")
  }

  @Test func `An endless redirection is an error`() throws {
    try hub.set(
      """
      {"faults": [{"path": "/config.json", "method": "HEAD", "location": "/org/small/resolve/main/config.json"}]}
      """)
    expectFailure(try hub.fetch("org/small"), "config.json", "redirections")
  }

  // MARK: - Malicious indices

  @Test(arguments: [
    "../../../escape.safetensors", "/tmp/escape.safetensors", "a/b.safetensors", "..",
    ".hidden.safetensors", "-o.safetensors", "config.json", "pytorch_model.bin", "a b.safetensors",
    "a\\u002e\\u002e/b.safetensors", "a.safetensors?x", "\u{1B}[2J.safetensors", "",
  ])
  func `A shard with an unsafe name is refused`(name: String) throws {
    try hub.remove("model.safetensors")
    try hub.add(["model.safetensors.index.json": #"{"weight_map": {"a": "\#(name)"}}"#])
    let run = try hub.fetch("org/small")
    expectFailure(run, "model.safetensors.index.json", "unsafe")
    #expect(!run.error.contains("\u{1B}"))
  }

  @Test(arguments: ["", "{}", "[]", #"{"weight_map": {}}"#, #"{"weight_map": {"a": 1}}"#, "\0"])
  func `An index that names no files is refused`(index: String) throws {
    try hub.remove("model.safetensors")
    try hub.add(["model.safetensors.index.json": index])
    expectFailure(try hub.fetch("org/small"), "model.safetensors.index.json names no files")
  }

  @Test func `An index with too many files is refused`() throws {
    try hub.remove("model.safetensors")
    let map = (0..<1_001).map { #""t\#($0)": "s\#($0).safetensors""# }.joined(separator: ",")
    try hub.add(["model.safetensors.index.json": #"{"weight_map": {\#(map)}}"#])
    expectFailure(try hub.fetch("org/small"), "names 1001 files")
  }

  // MARK: - Network and disk

  @Test func `An unreachable hub is reported`() throws {
    for (endpoint, words) in [
      ("http://127.0.0.1:1", "cannot be reached"),
      ("http://no-such-host.invalid", "no-such-host.invalid"),
    ] {
      expectFailure(
        try hub.fetch("org/small", environment: ["HF_ENDPOINT": endpoint]), words, "network")
    }
    #expect(hub.cached.filter { $0 != "swift-attention" }.isEmpty, "\(hub.cached)")
  }

  @Test func `A full disk is reported, and the partial file is kept`() throws {
    // ulimit counts blocks of 1024 bytes.
    let run = try hub.shell(#"ulimit -f 100; exec "$0" org/small"#)
    expectFailure(run, "model.safetensors", "cannot be written", "disk full")
    #expect(partSize > 0)
    try expectWeights(try hub.fetch("org/small"))
    #expect(try ranges().last?.hasPrefix("bytes=") == true)
  }

  @Test func `An error about an unwritable cache has its path`() throws {
    let file = try hub.folder.write([], to: "file")
    let run = try hub.fetch("org/small", environment: ["XDG_CACHE_HOME": file])
    expectFailure(run, file, "cannot be written")
  }
}
