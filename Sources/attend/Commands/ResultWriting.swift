import Attention
import AttentionModels
import DemonstrationModels

// Shared code of `classify`, `tag`, `fill` and `answer`.

/// Computes a result for each text of the input, chunk by chunk, and prints it, with a progress bar on standard
/// error if standard output is not a terminal. A demonstration model warns of words that it does not know.
///
/// - Parameters:
///   - directory: the model's folder.
///   - compute: returns a result for each text.
///   - write: prints the result of a text.
func writeResults<Kind: TextKind, Result>(
  of input: TextInput<Kind>, _ directory: ModelDirectory,
  compute: ([String]) throws -> [Result], write: (String, Result) throws -> Void
) throws {
  var progress = ProgressBar(isWanted: !StandardOutput.isTerminal)
  var unknownWords = DemonstrationModel(directory).map(UnknownWordWarning.init)
  defer { progress.finish() }
  var count = 0
  try input.forEachChunk(of: 64) { texts, share in
    try unknownWords?.warn(of: texts)
    let results: [Result]
    do {
      results = try compute(texts)
    } catch let error as ModelError {
      throw error.namingText { input.name(ofText: count + $0) }
    }
    for (text, result) in zip(texts, results) { try write(text, result) }
    count += texts.count
    progress.update(count: count, of: "texts", share: share)
  }
}

/// Prints the lines of a table, and an empty line before it unless it is the first of the output.
struct TableWriter {
  private var isFirst = true

  mutating func write(_ table: Table) throws {
    if !isFirst { try StandardOutput.line() }
    isFirst = false
    for line in table.lines { try StandardOutput.line(line) }
  }
}

/// A score with three digits.
func shown(_ score: Float) -> String { String(score, digits: 3) }
