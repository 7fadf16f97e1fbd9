import AttentionModels

// Shared code of `generate`, `translate`, `summarize` and `answer`.

/// Prints the results for all texts of the input, with a progress bar on standard error if standard output
/// is not a terminal.
///
/// - Parameters:
///   - isWhole: whether a file is one text.
///   - context: a text that is part of each prompt.
func write<Kind: TextKind>(
  _ input: TextInput<Kind>, isWhole: Bool = false, context: String? = nil,
  _ writing: TextGeneration
) throws {
  var writing = writing
  var progress = ProgressBar(isWanted: !StandardOutput.isTerminal)
  defer { progress.finish() }
  var count = 0
  if let context { try writing.warnOfUnknownWords(in: [context]) }
  try input.forEachChunk(of: writing.chunkSize, isWhole: isWhole) { texts, share in
    try writing.write(texts) { input.name(ofText: $0, isWhole: isWhole) }
    count += texts.count
    progress.update(count: count, of: "texts", share: share)
  }
}
