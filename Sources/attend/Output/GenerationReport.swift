import AttentionModels
import Foundation

/// How results that a model has written are shown.
struct GenerationReport {
  /// Where texts and results stand.
  enum Layout {
    /// A result is a line of its own, whatever the model writes.
    case lines
    /// A result may have several lines; there is an empty one between results.
    case paragraphs
    /// The same, each result after the text that it continues.
    case continuations
  }

  /// What results that were written together have in common.
  struct Together {
    let count: Int
    /// New tokens of all results, those aside that came with the prompts.
    let decodedCount: Int

    init(_ results: [GeneratedText]) {
      count = results.count
      decodedCount = results.reduce(0) { $0 + max($1.newTokenCount - 1, 0) }
    }
  }

  let format: GenerationOutputOptions.Format
  let layout: Layout
  let showsTokens: Bool
  let tokenizer: Tokenizer

  /// Whether a result can be shown before it is complete: to a person alone.
  var canStream: Bool { format == .text && !showsTokens && StandardOutput.isTerminal }

  /// Writes the results for one text.
  func write(
    _ text: String, _ results: [GeneratedText], _ together: Together, isFirst: Bool
  ) throws {
    for (index, result) in results.enumerated() {
      switch format {
      case .jsonl:
        try StandardOutput.line(
          json(text, result, number: results.count > 1 ? index : nil, together))
      case .text:
        var piecewise = try begin(text, isFirst: isFirst && index == 0)
        try piecewise.write(result.text)
        try piecewise.end()
        if showsTokens { for line in table(result).lines { try StandardOutput.line(line) } }
      }
    }
  }

  /// Writes the result for a text that has no words: nothing.
  func writeBlank(_ text: String) throws {
    switch format {
    case .jsonl:
      try StandardOutput.line(
        JSONText.object(["text": JSONText.string(text), "output": JSONText.string("")]))
    case .text: try StandardOutput.line()
    }
  }

  /// Begins to write a result as text.
  func begin(_ text: String, isFirst: Bool) throws -> PiecewiseText {
    if layout != .lines, !isFirst { try StandardOutput.line() }
    var piecewise = PiecewiseText(isOneLine: layout == .lines)
    if layout == .continuations { try piecewise.write(text) }
    return piecewise
  }

  // MARK: - Tokens

  /// Each new token with how likely it was, and what else was likely.
  private func table(_ result: GeneratedText) -> Table {
    var table = Table([.right, .left, .left])
    for token in result.tokens {
      table.row(
        share(token.logProbability), spelling(of: token.id),
        token.alternatives.map { "\(spelling(of: $0.id)) \(share($0.logProbability))" }
          .joined(separator: "  "))
    }
    return table
  }

  private func share(_ logProbability: Float?) -> String {
    guard let logProbability else { return "" }
    return String(exp(Double(logProbability)), digits: 3)
  }

  /// The token as the vocabulary has it.
  private func name(of id: Int) -> String { tokenizer.token(of: id) ?? "#\(id)" }

  /// The token as it stands in a text, in quotes; of one that is no whole character, its name.
  private func spelling(of id: Int) -> String {
    let text = tokenizer.decode([id], skippingSpecialTokens: false)
    return text.isEmpty || text.contains("\u{FFFD}") ? name(of: id) : JSONText.string(text)
  }

  // MARK: - JSON

  private func json(
    _ text: String, _ result: GeneratedText, number: Int?, _ together: Together
  ) -> String {
    var members: [(String, String)] = [("text", JSONText.string(text))]
    if let number { members.append(("result", "\(number)")) }
    members += [
      ("output", JSONText.string(result.text)),
      ("finish_reason", JSONText.string(result.finishReason.description)),
    ]
    if let score = result.score { members.append(("score", JSONText.number(score))) }
    let (prefill, decode) = (result.timings.prefill, result.timings.decode)
    let speed = decode > 0 ? Float(Double(together.decodedCount) / decode) : .nan
    members += [
      ("prompt_tokens", "\(result.promptTokenCount)"), ("new_tokens", "\(result.newTokenCount)"),
      ("prefill_seconds", JSONText.number(Float(prefill))),
      ("decode_seconds", JSONText.number(Float(decode))),
      ("tokens_per_second", JSONText.number(speed)), ("batch_size", "\(together.count)"),
    ]
    if showsTokens { members.append(("logprobs", JSONText.array(result.tokens.map(json)))) }
    return JSONText.object(members)
  }

  private func json(_ token: GeneratedToken) -> String {
    var members = json(token.id, token.logProbability)
    members.append(
      (
        "alternatives",
        JSONText.array(
          token.alternatives.map { JSONText.object(json($0.id, $0.logProbability)) })
      ))
    return JSONText.object(members)
  }

  private func json(_ id: Int, _ logProbability: Float?) -> [(String, String)] {
    [
      ("id", "\(id)"), ("token", JSONText.string(name(of: id))),
      ("logprob", logProbability.map(JSONText.number) ?? "null"),
    ]
  }
}

/// A result on standard output, as it comes.
struct PiecewiseText {
  /// Whether line feeds become spaces.
  let isOneLine: Bool
  private var hasText = false
  private var endsLine = false

  init(isOneLine: Bool) { self.isOneLine = isOneLine }

  /// Writes some more. White space before the first word is left out: it is there to come after a prompt.
  mutating func write(_ piece: String) throws {
    var piece = piece[...]
    if !hasText { piece = piece.drop(while: \.isWhitespace) }
    guard let last = piece.last else { return }
    hasText = true
    endsLine = last.isNewline && !isOneLine
    let text = isOneLine ? String(piece.map { $0.isNewline ? " " : $0 }) : String(piece)
    try StandardOutput.piece(StandardOutput.isTerminal ? Self.harmless(text) : text)
  }

  /// The text without what a terminal would obey: models come from strangers.
  private static func harmless(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      let isObeyed =
        scalar.properties.generalCategory == .control && scalar != "\n" && scalar != "\t"
      result.append(isObeyed ? "\u{FFFD}" : scalar)
    }
    return String(result)
  }

  /// Ends the line.
  func end() throws {
    if !endsLine { try StandardOutput.piece("\n") }
  }
}
