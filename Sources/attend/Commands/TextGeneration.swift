import Attention
import AttentionModels
import DemonstrationModels

/// Writes results for texts, in order: what `generate`, `translate`, `summarize` and `answer` share.
///
/// Texts that are given together are written together. One alone is shown on a terminal while it is
/// being written, where there is a single result that grows.
struct TextGeneration {
  private let generator: TextGenerator
  private let options: GenerationOptions
  private let truncation: Truncation
  private let report: GenerationReport
  private let prompt: (String) -> String
  /// Texts without any words, which are results as they are.
  private let keepsBlankTexts: Bool
  private var unknownWords: UnknownWordWarning?
  private var doneCount = 0

  /// - Parameters:
  ///   - directory: the model's folder; a demonstration model warns of words that it does not know.
  ///   - options: the model's own, or those of its task.
  ///   - prompt: what the model is given for a text.
  ///   - keepsBlankTexts: whether the result for a text without words is nothing.
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
    self.options = try flags.applied(
      to: options, vocabularySize: generator.model.vocabularySize)
    truncation = writing.truncate ? .cutEnd : .refuse
    report = GenerationReport(
      format: writing.format, layout: layout, showsTokens: writing.logprobs != nil,
      tokenizer: generator.tokenizer)
    self.prompt = prompt
    self.keepsBlankTexts = keepsBlankTexts
    unknownWords = DemonstrationModel(directory).map(UnknownWordWarning.init)
  }

  /// Names on standard error the words of the texts that a demonstration model does not know.
  mutating func warnOfUnknownWords(in texts: [String]) throws {
    try unknownWords?.warn(of: texts)
  }

  /// As many texts as are best written together: those that share one reading of the weights.
  var chunkSize: Int { max(1, 16 / max(options.beamCount, options.resultCount)) }

  private var streams: Bool {
    report.canStream && options.beamCount == 1 && options.resultCount == 1
  }

  /// Writes the results for some texts.
  ///
  /// - Parameter name: the name of the text of a number, counted from 0 among all texts, in errors.
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
      throw error.namingText { name(doneCount + written(texts, before: $0)) }
    }
  }

  private func isBlank(_ text: String) -> Bool {
    keepsBlankTexts && text.allSatisfy(\.isWhitespace)
  }

  /// The place in `texts` of the one that is number `index` of those with words.
  private func written(_ texts: [String], before index: Int) -> Int {
    let places = texts.indices.filter { !isBlank(texts[$0]) }
    return index < places.count ? places[index] : 0
  }

  private func writeTogether(_ texts: [String]) throws {
    var results = try generator.generate(
      texts.filter { !isBlank($0) }.map(prompt), options: options, truncation: truncation)[...]
    let together = GenerationReport.Together(results.flatMap(\.self))
    for (index, text) in texts.enumerated() {
      let isFirst = doneCount + index == 0
      if isBlank(text) {
        try report.writeBlank(text)
      } else if let result = results.popFirst() {
        try report.write(text, result, together, isFirst: isFirst)
      }
    }
    // A reader at the other end need not wait until there is a lot.
    try StandardOutput.flush()
  }

  private func stream(_ text: String) throws {
    var piecewise = try report.begin(text, isFirst: doneCount == 0)
    let pieces = generator.stream(prompt(text), options: options, truncation: truncation)
    try forEach(pieces) { try piecewise.write($0.text) }
    try piecewise.end()
  }
}
