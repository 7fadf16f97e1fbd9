import Attention

/// The result of a ``SustainedLoad`` or of ``RepeatedLoading``.
package struct LoadReport {
  package let models: [String]
  /// The number of tasks; nil if models were loaded and freed instead.
  package let taskCount: Int?
  package let seconds: Double
  /// The number of requests, or of loaded models.
  package let requestCount: Int
  /// The number of results that differ from the result of a request alone.
  package let wrongCount: Int
  /// nil if the system does not report memory, or the run was too short.
  package let memory: MemorySlope?

  package init(
    models: [String], taskCount: Int?, seconds: Double, requestCount: Int, wrongCount: Int,
    memory: MemorySlope?
  ) {
    self.models = models
    self.taskCount = taskCount
    self.seconds = seconds
    self.requestCount = requestCount
    self.wrongCount = wrongCount
    self.memory = memory
  }

  private static let mebibyte = 1_048_576.0

  private var rate: Double { Double(requestCount) / max(seconds, 1e-9) }

  /// The slope in bytes per minute, or per loaded model.
  private var slope: Double? { memory.map { $0.slope * (taskCount == nil ? 1 : 60) } }

  /// The report for people.
  package var lines: [String] {
    let what =
      taskCount.map { "\(counted($0, "task"))" } ?? "one model at a time, loaded and freed"
    let kind = taskCount == nil ? "loads" : "requests"
    var lines = [
      "\(models.joined(separator: ", ")); \(what); \(String(seconds, digits: 1)) s",
      "\(kind): \(requestCount), \(String(rate, digits: 1)) per second; wrong results: \(wrongCount)",
    ]
    if let memory, let slope {
      let unit = taskCount == nil ? "load" : "minute"
      func mebibytes(_ bytes: Int) -> String { String(Double(bytes) / Self.mebibyte, digits: 1) }
      lines.append(
        "resident memory: \(mebibytes(memory.first)) MiB after the warm-up, "
          + "\(mebibytes(memory.last)) MiB at the end, "
          + "\(String(slope / 1024, digits: 2)) KiB per \(unit)")
    }
    return lines
  }

  /// The report as JSON. `slope` is in bytes per minute, or per loaded model.
  package var json: String {
    JSONText.object([
      "benchmark": JSONText.string("load"), "models": JSONText.array(models.map(JSONText.string)),
      "tasks": taskCount.map(String.init) ?? "null", "seconds": JSONText.number(seconds),
      "requests": "\(requestCount)", "wrong": "\(wrongCount)",
      "firstBytes": memory.map { "\($0.first)" } ?? "null",
      "lastBytes": memory.map { "\($0.last)" } ?? "null", "slope": JSONText.number(slope),
    ])
  }
}
