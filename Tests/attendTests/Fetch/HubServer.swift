import Foundation
import TestSupport

/// A hub with the paths of Hugging Face's on the loopback interface (see `hub_server.py`), and
/// `Scripts/fetch` to bring models from it.
final class HubServer {
  /// Whether the programs are there: this package does not need Python otherwise.
  static let isAvailable = ["python3", "curl"].allSatisfy { program in
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
      .contains { access("\($0)/\(program)", X_OK) == 0 }
  }

  private static let source = URL(fileURLWithPath: #filePath)
  private static let script = ArticleCode.root(of: #filePath).appendingPathComponent(
    "Scripts/fetch")

  /// Holds what the hub has, and the user's cache.
  let folder: TemporaryDirectory
  private let process = Process()
  /// The hub's own address, and that of the host that it leads to.
  let address: String
  let elsewhere: String

  init() throws {
    folder = try TemporaryDirectory()
    let server = Self.source.deletingLastPathComponent().appendingPathComponent("hub_server.py")
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", server.path, folder.path]
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    var ports: [Substring] = []
    let deadline = ContinuousClock.now + .seconds(30)
    while ports.isEmpty, process.isRunning, ContinuousClock.now < deadline {
      usleep(10_000)
      ports = String(decoding: try bytes(ofFile: folder.path("ports")), as: UTF8.self)
        .split(separator: " ")
    }
    guard ports.count == 2 else { throw CocoaError(.fileNoSuchFile) }
    address = "http://127.0.0.1:\(ports[0])"
    elsewhere = "http://127.0.0.1:\(ports[1])"
  }

  // Not by a signal that can be blocked: a process inherits that from the thread that starts it.
  deinit { kill(process.processIdentifier, SIGKILL) }

  // MARK: - What the hub has

  /// Puts a file into a model, as `ORG/NAME` or `ORG/NAME@REVISION`.
  func add(_ bytes: some Sequence<UInt8>, _ file: String, to model: String = "org/small") throws {
    try folder.write(bytes, to: "repositories/\(model)/\(file)")
  }

  /// Puts small files into a model.
  func add(_ files: [String: String], to model: String = "org/small") throws {
    for (file, text) in files { try add(text.utf8, file, to: model) }
  }

  func remove(_ file: String, from model: String = "org/small") throws {
    try FileManager.default.removeItem(atPath: folder.path("repositories/\(model)/\(file)"))
  }

  /// How the hub is to behave from now on.
  func set(_ settings: String) throws {
    try folder.write(settings.utf8, to: "settings.json")
  }

  // MARK: - What was asked for

  /// The requests since they were last looked at: host, method, address, token and range.
  func requests() throws -> [[String]] {
    let path = folder.path("requests")
    let text = String(decoding: try bytes(ofFile: path), as: UTF8.self)
    try? FileManager.default.removeItem(atPath: path)
    return text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
  }

  /// The last parts of the addresses whose contents were asked for.
  func files() throws -> [String] {
    try requests().filter { $0[1] == "GET" }.map { request in
      String(request[2].prefix { $0 != "?" }.split(separator: "/").last ?? "")
    }
  }

  // MARK: - Fetching

  private func environment(_ more: [String: String]) -> [String: String] {
    [
      "HF_ENDPOINT": address, "HF_TOKEN": "", "XDG_CACHE_HOME": folder.path("cache"),
      "no_proxy": "*", "NO_PROXY": "*",
    ].merging(more) { $1 }
  }

  func start(_ arguments: [String], environment: [String: String] = [:]) throws -> AttendProcess {
    try AttendProcess(Self.script.path, arguments, environment: self.environment(environment))
  }

  /// Runs `Scripts/fetch` to its end.
  func fetch(_ arguments: String..., environment: [String: String] = [:]) throws -> AttendRun {
    try start(arguments, environment: environment).finished()
  }

  /// Runs a script of the shell in which `$0` is `Scripts/fetch`.
  func shell(_ text: String, _ arguments: String...) throws -> AttendRun {
    try AttendProcess(
      "/bin/bash", ["-c", text, Self.script.path] + arguments, environment: environment([:])
    ).finished()
  }

  /// Where a model comes to.
  func place(_ model: String = "org/small") -> String {
    folder.path("cache/swift-attention/\(model)")
  }

  /// The files of a fetched model, without the list of them; none where there is no such folder.
  func contents(_ model: String = "org/small") -> [String] { contents(ofFolder: place(model)) }

  func contents(ofFolder path: String) -> [String] {
    (FileManager.default.subpaths(atPath: path) ?? [])
      .filter { $0 != ".fetched" && !isFolder("\(path)/\($0)") }.sorted()
  }

  private func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      && isFolder.boolValue
  }

  /// Everything that fetching has left in the cache.
  var cached: [String] { FileManager.default.subpaths(atPath: folder.path("cache")) ?? [] }
}
