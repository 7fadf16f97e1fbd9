import ArgumentParser

/// The format of a command's results: text for people, or JSON lines for programs.
enum ReportFormat: String, ExpressibleByArgument, CaseIterable {
  case text, jsonl
}
