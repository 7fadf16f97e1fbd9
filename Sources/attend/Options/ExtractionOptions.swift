import ArgumentParser
import Attention
import AttentionModels

/// How answers are found in a context, and how they are printed.
struct ExtractionOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Number of answers to each question.", valueName: "k"))
  var answers = 1

  @Flag(help: "No answer is a result, for models that were trained on questions without answers.")
  var allowNoAnswer = false

  @Option(help: ArgumentHelp("Maximum number of tokens of an answer.", valueName: "tokens"))
  var maxAnswerTokens = AnswerOptions().maxAnswerTokens

  @Option(
    help: ArgumentHelp(
      "Number of tokens that two windows of a long context share.", valueName: "tokens"))
  var overlap = AnswerOptions().overlap

  mutating func validate() throws {
    for (flag, value, least) in [
      ("--answers", answers, 1), ("--max-answer-tokens", maxAnswerTokens, 1),
      ("--overlap", overlap, 0),
    ] where value < least {
      throw ValidationError("\(flag): expected at least \(least), got \(value)")
    }
  }

  var options: AnswerOptions {
    var options = AnswerOptions()
    options.count = answers
    options.allowsNoAnswer = allowNoAnswer
    options.maxAnswerTokens = maxAnswerTokens
    options.overlap = overlap
    return options
  }

  /// The score, the range and the text of each answer.
  func table(_ answers: [ExtractedAnswer]) -> Table {
    var table = Table([.right, .left, .left])
    let columns = StandardOutput.columns.map { max(16, $0 - 24) } ?? Int.max
    for answer in answers {
      let isEmpty = answer.text.isEmpty
      table.row(
        shown(answer.score),
        isEmpty ? "" : "\(answer.range.lowerBound)..<\(answer.range.upperBound)",
        isEmpty ? "no answer" : oneLine(answer.text, columns: columns))
    }
    return table
  }

  /// `{"text", "answers": [{"text", "score", "start", "end"}]}`.
  func json(_ question: String, _ answers: [ExtractedAnswer]) -> String {
    JSONText.object([
      "text": JSONText.string(question),
      "answers": JSONText.array(
        answers.map {
          JSONText.object([
            "text": JSONText.string($0.text), "score": JSONText.number($0.score),
            "start": "\($0.range.lowerBound)", "end": "\($0.range.upperBound)",
          ])
        }),
    ])
  }
}
