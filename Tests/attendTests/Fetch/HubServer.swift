import Foundation
import TestSupport

/// A hub on the loopback interface with the paths of the Hugging Face hub (see `hub_server.py`), and
/// functions that run `Scripts/fetch` with it.
final class HubServer {
  /// Whether the required programs are installed. Other tests do not need Python.
  static let isAvailable = ["python3", "curl"].allSatisfy { program in
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
      .contains { access("\($0)/\(program)", X_OK) == 0 }
  }

  private static let source = URL(fileURLWithPath: #filePath)
  private static let script = ArticleCode.root(of: #filePath).appendingPathComponent(
    "Scripts/fetch")

  /// Contains the files of the hub and the user's cache.
  let folder: TemporaryDirectory
  private let process = Process()
  /// The addresses of the hub and of the host that it redirects to.
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

  // SIGKILL, because the process may have inherited a signal mask that blocks other signals.
  deinit { kill(process.processIdentifier, SIGKILL) }

  // MARK: - Files of the hub

  /// Adds a file to the model `ORG/NAME` or `ORG/NAME@REVISION`.
  func add(_ bytes: some Sequence<UInt8>, _ file: String, to model: String = "org/small") throws {
    try folder.write(bytes, to: "repositories/\(model)/\(file)")
  }

  /// Adds small files to a model.
  func add(_ files: [String: String], to model: String = "org/small") throws {
    for (file, text) in files { try add(text.utf8, file, to: model) }
  }

  func remove(_ file: String, from model: String = "org/small") throws {
    try FileManager.default.removeItem(atPath: folder.path("repositories/\(model)/\(file)"))
  }

  /// Sets the behavior of the hub; see `hub_server.py`.
  func set(_ settings: String) throws {
    try folder.write(settings.utf8, to: "settings.json")
  }

  // MARK: - Requests

  /// The requests since the last call: host, method, address, token and range.
  func requests() throws -> [[String]] {
    let path = folder.path("requests")
    let text = String(decoding: try bytes(ofFile: path), as: UTF8.self)
    try? FileManager.default.removeItem(atPath: path)
    return text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
  }

  /// The names of the downloaded files.
  func files() throws -> [String] {
    try requests().filter { $0[1] == "GET" }.map { request in
      String(request[2].prefix { $0 != "?" }.split(separator: "/").last ?? "")
    }
  }

  // MARK: - Running Scripts/fetch

  private func environment(_ more: [String: String]) -> [String: String] {
    [
      "HF_ENDPOINT": address, "HF_TOKEN": "", "XDG_CACHE_HOME": folder.path("cache"),
      "no_proxy": "*", "NO_PROXY": "*",
    ].merging(more) { $1 }
  }

  func start(_ arguments: [String], environment: [String: String] = [:]) throws -> AttendProcess {
    try AttendProcess(Self.script.path, arguments, environment: self.environment(environment))
  }

  /// Runs `Scripts/fetch` and waits until it ends.
  func fetch(_ arguments: String..., environment: [String: String] = [:]) throws -> AttendRun {
    try start(arguments, environment: environment).finished()
  }

  /// Runs a shell script in which `$0` is `Scripts/fetch`.
  func shell(_ text: String, _ arguments: String...) throws -> AttendRun {
    try AttendProcess(
      "/bin/bash", ["-c", text, Self.script.path] + arguments, environment: environment([:])
    ).finished()
  }

  /// The default folder of a downloaded model.
  func place(_ model: String = "org/small") -> String {
    folder.path("cache/swift-attention/\(model)")
  }

  /// The files of a downloaded model without its manifest; empty if the folder does not exist.
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

  /// All files and folders in the cache.
  var cached: [String] { FileManager.default.subpaths(atPath: folder.path("cache")) ?? [] }
}
