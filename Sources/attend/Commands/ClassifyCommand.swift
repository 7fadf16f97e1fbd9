import ArgumentParser
import Attention
import AttentionModels

struct ClassifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "classify",
    abstract: "Assign labels to texts, such as sentiments or topics.",
    discussion: """
      A model has its own labels. With --labels, a model for natural language inference decides which of \
      these labels fits a text (zero-shot classification).

      attend classify "I love this film."
      attend classify --input reviews.txt --format jsonl > labels.jsonl
      attend classify --labels travel,food,sport "Tom booked a flight to Rome."
      """)

  enum Text: TextKind {
    static let name = "text"
  }

  struct Labels: ParsableArguments {
    @Option(
      help: ArgumentHelp(
        "Labels to choose from, separated by commas, for a model for natural language inference.",
        valueName: "labels"))
    var labels: String?

    @Flag(help: "Several of --labels may be right: score each label on its own.")
    var several = false

    @Option(
      help: ArgumentHelp(
        "Sentence about the text that --labels complete in the place of {}.",
        valueName: "sentence"))
    var template = ZeroShotClassifier.defaultTemplate

    /// The labels; nil for those of the model.
    var list: [String]? {
      labels?.split(separator: ",").map {
        String($0.trimmingPrefix(while: \.isWhitespace).trimmingSuffix(while: \.isWhitespace))
      }.filter { !$0.isEmpty }
    }

    func validate() throws {
      guard labels != nil else {
        if several { throw ValidationError("--several needs --labels") }
        if template != ZeroShotClassifier.defaultTemplate {
          throw ValidationError("--template needs --labels")
        }
        return
      }
      if list?.isEmpty ?? true { throw ValidationError("--labels: expected at least one label") }
      if !template.contains("{}") {
        throw ValidationError("--template: expected {} in the place of the label")
      }
    }
  }

  struct Output: ParsableArguments {
    @Option(
      help: ArgumentHelp(
        "Number of labels of a text. (default: for jsonl all; else 1, or all of at least 0.5 if several may be right)",
        valueName: "k"))
    var top: Int?

    @Option(help: #"jsonl has {"text", "labels": [{"label", "score"}]} on each line."#)
    var format = ReportFormat.text

    func validate() throws {
      if let top, top < 1 { throw ValidationError("--top: expected at least 1, got \(top)") }
    }
  }

  @OptionGroup(title: "Input") var input: TextInput<Text>
  @OptionGroup(title: "Labels") var labels: Labels
  @OptionGroup(title: "Model") var model: TaskModelOption
  @OptionGroup(title: "Output") var output: Output
  @OptionGroup(title: "Computing") var compute: ComputeOptions

  func run() throws {
    try input.check()
    let directory = try model.directory(
      defaultModel: labels.list == nil ? .toySentiment : .toyNLI)
    try compute.run {
      if let list = labels.list {
        let classifier = try ZeroShotClassifier(directory, format: model.weights)
        try writeLabels(directory, hasSeveral: labels.several) { texts in
          try classifier.labels(
            among: list, of: texts, allowingSeveral: labels.several, template: labels.template)
        }
      } else {
        let classifier = try TextClassifier(directory, format: model.weights)
        var (count, cut) = (0, 0)
        try writeLabels(directory, hasSeveral: classifier.classifier.problem == .multiLabel) {
          texts in
          let encodings = try classifier.encodings(of: texts, truncation: .cutEnd)
          count += encodings.count
          cut += encodings.count { $0.wasTruncated }
          return try classifier.labels(of: encodings)
        }
        if cut > 0 {
          StandardError.write(
            "truncated \(cut) of \(count) texts to \(classifier.maxLength) tokens")
        }
      }
    }
  }

  private func writeLabels(
    _ directory: ModelDirectory, hasSeveral: Bool, _ compute: ([String]) throws -> [[LabelScore]]
  ) throws {
    try writeResults(of: input, directory, compute: compute) { text, labels in
      switch output.format {
      case .text:
        let chosen =
          output.top.map { Array(labels.prefix($0)) }
          ?? (hasSeveral ? labels.filter { $0.score >= 0.5 } : Array(labels.prefix(1)))
        let list = chosen.map { "\(printable($0.label)) \(shown($0.score))" }
        let columns = StandardOutput.columns.map { $0 - 24 } ?? Int.max
        try StandardOutput.line(
          (list.isEmpty ? "no label" : list.joined(separator: ", ")) + "  "
            + oneLine(text, columns: max(16, columns)))
      case .jsonl:
        try StandardOutput.line(
          JSONText.object([
            "text": JSONText.string(text),
            "labels": JSONText.array(
              labels.prefix(output.top ?? labels.count).map {
                JSONText.object([
                  "label": JSONText.string($0.label), "score": JSONText.number($0.score),
                ])
              }),
          ]))
      }
    }
  }
}

extension StringProtocol {
  /// The text without the characters at its end for which `predicate` is true.
  fileprivate func trimmingSuffix(while predicate: (Character) -> Bool) -> SubSequence {
    var rest = self[...]
    while let last = rest.last, predicate(last) { rest.removeLast() }
    return rest
  }
}
