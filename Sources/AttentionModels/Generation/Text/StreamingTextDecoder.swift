/// How tokens become text.
struct TextFormat: Sendable {
  let tokenizer: Tokenizer
  /// Whether spaces before punctuation are removed.
  var cleansUpSpaces = false
}

/// Turns the new tokens of one sequence into text, token by token, up to a stop string.
struct StreamingTextDecoder: Sendable {
  private var stream: StreamingDecoder
  private var cleanup: SpaceCleanup?
  private var stopStrings: StopStrings
  /// The stop string that has ended the text.
  private(set) var stopString: String?

  /// - Parameter start: the tokens before the first new one; their text is not returned.
  init(_ format: TextFormat, after start: some Sequence<Int>, stopStrings: [String]) {
    stream = format.tokenizer.streamingDecoder()
    for id in start { _ = stream.append(id) }
    cleanup = format.cleansUpSpaces ? SpaceCleanup() : nil
    self.stopStrings = StopStrings(stopStrings)
  }

  /// Adds the token `id`; returns the text that is now final.
  mutating func append(_ id: Int) -> String {
    var bytes: [UInt8] = []
    stream.append(id, to: &bytes)
    return pass(cleanup?.append(bytes) ?? bytes)
  }

  /// Ends the text; returns the rest of it.
  mutating func finish() -> String {
    guard stopString == nil else { return "" }
    var bytes: [UInt8] = []
    stream.finish(to: &bytes)
    if cleanup != nil { bytes = (cleanup?.append(bytes) ?? []) + (cleanup?.finish() ?? []) }
    let text = pass(bytes)
    guard stopString == nil else { return text }
    return text + String(decoding: stopStrings.finish(), as: UTF8.self)
  }

  private mutating func pass(_ bytes: [UInt8]) -> String {
    guard stopString == nil, !bytes.isEmpty else { return "" }
    let (passed, match) = stopStrings.append(bytes)
    stopString = match
    return String(decoding: passed, as: UTF8.self)
  }
}
