import ArgumentParser
import AttentionModels
import Benchmarks
import DemonstrationModels

struct BenchLoadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "load",
    abstract:
      "Run many tasks at once for some time; report wrong results and the growth of memory.",
    discussion: """
      Each task embeds or continues short texts, one after another, each on one thread. Every result is \
      compared bit by bit with the result of the same text alone; if one differs, the exit status is 1. \
      With --loads, each model is loaded, used and freed that number of times instead.

      attend bench load --seconds 600
      attend bench load --model all-MiniLM-L6-v2,toy-gpt2 --tasks 64
      attend bench load --loads 1000
      """)

  @Option(
    help: ArgumentHelp(
      "Models of the tasks: folders or names. (default: the demo models)", valueName: "names"),
    transform: { $0.split(separator: ",").map(String.init) })
  var model: [String]?

  @Option(parsing: .unconditional, help: ArgumentHelp("Number of tasks.", valueName: "count"))
  var tasks = 64

  @Option(parsing: .unconditional, help: ArgumentHelp("Seconds to run.", valueName: "seconds"))
  var seconds = 60.0

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Load, use and free each model this number of times.", valueName: "count"))
  var loads: Int?

  @Option(help: "Output format.")
  var format = BenchOptions.Format.text

  mutating func validate() throws {
    guard (1...10_000).contains(tasks) else {
      throw ValidationError("--tasks: expected 1 to 10000, got \(tasks)")
    }
    guard (0...604_800).contains(seconds) else {
      throw ValidationError("--seconds: expected 0 to 604800, got \(seconds)")
    }
    if let loads, !(1...1_000_000).contains(loads) {
      throw ValidationError("--loads: expected 1 to 1000000, got \(loads)")
    }
    if let model, model.isEmpty { throw ValidationError("--model: expected at least one name") }
  }

  func run() throws {
    let names = model ?? DemonstrationModel.generators.map(\.rawValue)
    let models = try names.map { (name: $0, directory: try ModelOption.directory(named: $0)) }
    let report = try loads.map { try load(models, count: $0) } ?? runTasks(models)
    switch format {
    case .text: for line in report.lines { try StandardOutput.line(line) }
    case .json: try StandardOutput.line(report.json)
    }
    if report.wrongCount > 0 { throw ExitCode(1) }
  }

  private func runTasks(_ models: [(name: String, directory: ModelDirectory)]) throws -> LoadReport
  {
    let requests = try models.flatMap { try SustainedLoad.requests($0.directory, name: $0.name) }
    let load = SustainedLoad(requests: requests, taskCount: tasks, seconds: seconds)
    return try waitFor { try await load.run() }
  }

  private func load(
    _ models: [(name: String, directory: ModelDirectory)], count: Int
  ) throws -> LoadReport {
    var loading = RepeatedLoading(models: models, count: count)
    var progress = ProgressBar(isWanted: true)
    defer { progress.finish() }
    loading.onProgress = { done, total in
      progress.update(count: done, of: "loads", share: Double(done) / Double(total))
    }
    return try loading.run()
  }
}
