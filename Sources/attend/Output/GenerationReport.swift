import AttentionModels
import Foundation

/// Prints generated results as text or JSON lines.
struct GenerationReport {
  /// The arrangement of results as text.
  enum Layout {
    /// Each result on one line; line feeds in it become spaces.
    case lines
    /// Each result unchanged, with an empty line between results.
    case paragraphs
    /// As `paragraphs`, but each result follows its prompt.
    case continuations
  }

  /// Results that were decoded together.
  struct Batch {
    let count: Int
    /// The number of new tokens, except for the first token of each result, which prefill computes.
    private let decodedCount: Int
    let prefillSeconds: Double
    let decodeSeconds: Double

    init(_ results: [GeneratedText]) {
      count = results.count
      decodedCount = results.reduce(0) { $0 + max($1.newTokenCount - 1, 0) }
      prefillSeconds = results.map(\.timings.prefill).max() ?? 0
      decodeSeconds = results.map(\.timings.decode).max() ?? 0
    }

    var tokensPerSecond: Double {
      decodeSeconds > 0 ? Double(decodedCount) / decodeSeconds : .nan
    }
  }

  let format: GenerationOutputOptions.Format
  let layout: Layout
  let showsTokens: Bool
  let tokenizer: Tokenizer

  /// Whether a result can be printed before it is complete: only as plain text on a terminal.
  var canStream: Bool { format == .text && !showsTokens && StandardOutput.isTerminal }

  /// Prints the results for one text.
  func write(
    _ text: String, _ results: [GeneratedText], _ batch: Batch, isFirst: Bool
  ) throws {
    for (index, result) in results.enumerated() {
      switch format {
      case .jsonl:
        try StandardOutput.line(
          json(text, result, number: results.count > 1 ? index : nil, batch))
      case .text:
        var output = try begin(text, isFirst: isFirst && index == 0)
        try output.write(result.text)
        try output.end()
        if showsTokens { for line in table(result).lines { try StandardOutput.line(line) } }
      }
    }
  }

  /// Prints the empty result for a text of only white space.
  func writeBlank(_ text: String) throws {
    switch format {
    case .jsonl:
      try StandardOutput.line(
        JSONText.object(["text": JSONText.string(text), "output": JSONText.string("")]))
    case .text: try StandardOutput.line()
    }
  }

  /// Begins to print a result as text.
  func begin(_ text: String, isFirst: Bool) throws -> PiecewiseText {
    if layout != .lines, !isFirst { try StandardOutput.line() }
    var output = PiecewiseText(isOneLine: layout == .lines)
    if layout == .continuations { try output.write(text) }
    return output
  }

  // MARK: - Tokens

  /// The probability of each new token, the token, and its most probable alternatives.
  private func table(_ result: GeneratedText) -> Table {
    var table = Table([.right, .left, .left])
    for token in result.tokens {
      table.row(
        probability(token.logProbability), spelling(of: token.id),
        token.alternatives.map { "\(spelling(of: $0.id)) \(probability($0.logProbability))" }
          .joined(separator: "  "))
    }
    return table
  }

  private func probability(_ logProbability: Float?) -> String {
    guard let logProbability else { return "" }
    return String(exp(Double(logProbability)), digits: 3)
  }

  /// The token as in the vocabulary.
  private func name(of id: Int) -> String { tokenizer.token(of: id) ?? "#\(id)" }

  /// The text of a token, in quotes; for a token that is not a whole character, its name in the vocabulary.
  private func spelling(of id: Int) -> String {
    let text = tokenizer.decode([id], skippingSpecialTokens: false)
    return text.isEmpty || text.contains("\u{FFFD}") ? name(of: id) : JSONText.string(text)
  }

  // MARK: - JSON

  private func json(
    _ text: String, _ result: GeneratedText, number: Int?, _ batch: Batch
  ) -> String {
    var members: [(String, String)] = [("text", JSONText.string(text))]
    if let number { members.append(("result", "\(number)")) }
    members += [
      ("output", JSONText.string(result.text)),
      ("finish_reason", JSONText.string(result.finishReason.description)),
    ]
    if let score = result.score { members.append(("score", JSONText.number(score))) }
    members += [
      ("prompt_tokens", "\(result.promptTokenCount)"), ("new_tokens", "\(result.newTokenCount)"),
      ("prefill_seconds", JSONText.number(Float(batch.prefillSeconds))),
      ("decode_seconds", JSONText.number(Float(batch.decodeSeconds))),
      ("tokens_per_second", JSONText.number(Float(batch.tokensPerSecond))),
      ("batch_size", "\(batch.count)"),
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

/// A result on standard output, printed piece by piece.
struct PiecewiseText {
  /// Whether line feeds become spaces.
  let isOneLine: Bool
  private var hasText = false
  private var endsLine = false

  init(isOneLine: Bool) { self.isOneLine = isOneLine }

  /// Prints a piece. White space before the first word is dropped; in the decoded text, it separates the
  /// result from the prompt.
  mutating func write(_ piece: String) throws {
    var piece = piece[...]
    if !hasText { piece = piece.drop(while: \.isWhitespace) }
    guard let last = piece.last else { return }
    hasText = true
    endsLine = last.isNewline && !isOneLine
    let text = isOneLine ? String(piece.map { $0.isNewline ? " " : $0 }) : String(piece)
    try StandardOutput.piece(StandardOutput.isTerminal ? Self.harmless(text) : text)
  }

  /// The text with escaped control characters, which a terminal would execute: model output is untrusted.
  private static func harmless(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      let isControl =
        scalar.properties.generalCategory == .control && scalar != "\n" && scalar != "\t"
      if isControl {
        result.append(contentsOf: printable(String(scalar)).unicodeScalars)
      } else {
        result.append(scalar)
      }
    }
    return String(result)
  }

  /// Ends the line.
  func end() throws {
    if !endsLine { try StandardOutput.piece("\n") }
  }
}
