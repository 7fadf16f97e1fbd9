import Attention
import AttentionModels
import DemonstrationModels

/// Generates and prints the results for texts, in order: shared by `generate`, `translate`, `summarize` and
/// `answer`.
///
/// The texts of one call are decoded together. A single text is printed token by token if standard output
/// is a terminal and the text has a single result without beams.
struct TextGeneration {
  private let generator: TextGenerator
  private let plan: DecodingPlan
  private let truncation: Truncation
  private let report: GenerationReport
  private let prompt: (String) -> String
  /// Whether a text of only white space has an empty result.
  private let keepsBlankTexts: Bool
  private var unknownWords: UnknownWordWarning?
  private var doneCount = 0

  /// The maximum number of texts to decode together; they share each pass over the weights.
  let chunkSize: Int
  private let streams: Bool

  /// - Parameters:
  ///   - directory: the model's folder; a demonstration model warns of unknown words.
  ///   - options: the options of the model or of its task.
  ///   - keepsBlankTexts: whether a text of only white space has an empty result.
  ///   - prompt: returns the prompt for a text.
  /// - Throws: `CLIError.Usage` naming the flag of a wrong value.
  init(
    _ generator: TextGenerator, _ directory: ModelDirectory, options: GenerationOptions,
    flags: GenerationFlags, writing: GenerationOutputOptions, layout: GenerationReport.Layout,
    keepsBlankTexts: Bool = false, prompt: @escaping (String) -> String = { $0 }
  ) throws {
    var generator = generator
    generator.maxPromptLength = writing.maxInputTokens ?? generator.maxPromptLength
    self.generator = generator
    var options = options
    options.logProbabilities = writing.logprobs ?? options.logProbabilities
    options.addsSpecialTokens = writing.specialTokens.addsSpecialTokens
    options = flags.applied(to: options)
    plan = try GenerationFlags.naming { try generator.plan(options) }
    truncation = writing.truncate ? .cutEnd : .refuse
    report = GenerationReport(
      format: writing.format, layout: layout, showsTokens: writing.logprobs != nil,
      tokenizer: generator.tokenizer)
    chunkSize = max(1, 16 / plan.sequencesPerPrompt)
    streams = report.canStream && plan.sequencesPerPrompt == 1
    self.prompt = prompt
    self.keepsBlankTexts = keepsBlankTexts
    unknownWords = DemonstrationModel(directory).map(UnknownWordWarning.init)
  }

  /// Warns on standard error about words that a demonstration model does not know.
  mutating func warnOfUnknownWords(in texts: [String]) throws {
    try unknownWords?.warn(of: texts)
  }

  /// Prints the results for some texts.
  ///
  /// - Parameter name: returns the name for errors of the text at an index, counted from 0 over all texts.
  /// - Throws: `ModelError.text` with the name of a text that is too long; `AttentionError`.
  mutating func write(_ texts: [String], name: (Int) -> String) throws {
    defer { doneCount += texts.count }
    try warnOfUnknownWords(in: texts)
    do {
      if streams, texts.count == 1, !isBlank(texts[0]) {
        try stream(texts[0])
      } else {
        try writeTogether(texts)
      }
    } catch let error as ModelError {
      let decoded = texts.indices.filter { !isBlank(texts[$0]) }
      throw error.namingText { name(doneCount + ($0 < decoded.count ? decoded[$0] : 0)) }
    }
  }

  private func isBlank(_ text: String) -> Bool {
    keepsBlankTexts && text.allSatisfy(\.isWhitespace)
  }

  private func writeTogether(_ texts: [String]) throws {
    var results = try generator.generate(
      texts.filter { !isBlank($0) }.map(prompt), plan, truncation: truncation)[...]
    let batch = GenerationReport.Batch(results.flatMap(\.self))
    for (index, text) in texts.enumerated() {
      let isFirst = doneCount + index == 0
      if isBlank(text) {
        try report.writeBlank(text)
      } else if let result = results.popFirst() {
        try report.write(text, result, batch, isFirst: isFirst)
      }
    }
    // Flush after each batch, so that a reader of the output sees it at once.
    try StandardOutput.flush()
  }

  private func stream(_ text: String) throws {
    var output = try report.begin(text, isFirst: doneCount == 0)
    var pieces = try generator.pieces(of: prompt(text), plan, truncation: truncation)
    while let piece = try pieces.next() { try output.write(piece.text) }
    try output.end()
  }
}
