import AttentionModels

// What the verbs that write share.

/// Writes results for all texts of the input, and shows on standard error how far that has come where
/// the results do not show it.
func write<Kind: PromptKind>(
  _ input: PromptInput<Kind>, isWhole: Bool = false, _ writing: TextWriting
) throws {
  var writing = writing
  var progress = ProgressBar(isWanted: !StandardOutput.isTerminal)
  defer { progress.finish() }
  var count = 0
  try input.forEachChunk(of: writing.chunkSize, isWhole: isWhole) { texts, share in
    try writing.write(texts)
    count += texts.count
    progress.update(count: count, of: "texts", share: share)
  }
}

/// A task of the model; what it does not do, the command line must not ask for: exit status 2.
func offered(_ task: () throws -> TextTask) throws -> TextTask {
  do {
    return try task()
  } catch let error as ModelError {
    guard case .unsupported = error else { throw error }
    throw Failure.Usage(error)
  }
}
