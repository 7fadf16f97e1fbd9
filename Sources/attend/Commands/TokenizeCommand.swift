import ArgumentParser
import AttentionModels

struct TokenizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenize",
    abstract: "Split texts into the tokens of a model.",
    discussion: """
      Each line has the id of a token, the token, and its offsets start..<end in the text, in Unicode \
      scalars. Special tokens have no offsets.

      attend tokenize "Attention is all you need."
      attend tokenize --input lines.txt --format jsonl
      echo "Attention is all you need." | attend tokenize
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, jsonl
  }

  enum Text: TextKind {
    static let name = "text"
  }

  struct Output: ParsableArguments {
    @Option(help: #"jsonl has {"text", "ids", "tokens", "offsets"} on each line."#)
    var format = Format.text
  }

  @OptionGroup(title: "Input") var input: TextInput<Text>
  @OptionGroup(title: "Model") var model: ModelOption
  @OptionGroup(title: "Input") var specialTokens: SpecialTokensOption
  @OptionGroup(title: "Output") var output: Output

  func run() throws {
    try input.check()
    let tokenizer = try Tokenizer(directory: model.directory().path)
    try input.forEachChunk(of: 64) { texts, _ in
      for text in texts {
        let encoding = try tokenizer.encode(
          text, addingSpecialTokens: specialTokens.addsSpecialTokens)
        switch output.format {
        case .text: try write(encoding)
        case .jsonl: try StandardOutput.line(json(text, encoding))
        }
      }
    }
  }

  private func write(_ encoding: Encoding) throws {
    var table = Table([.right, .left, .left])
    for (index, token) in encoding.tokens.enumerated() {
      let range = encoding.offsets[index]
      let place = encoding.isSpecial[index] ? "" : "\(range.lowerBound)..<\(range.upperBound)"
      table.row("\(encoding.ids[index])", token, place)
    }
    for line in table.lines { try StandardOutput.line(line) }
    try StandardOutput.line()
  }

  private func json(_ text: String, _ encoding: Encoding) -> String {
    JSONText.object([
      "text": JSONText.string(text),
      "ids": JSONText.array(encoding.ids.lazy.map { "\($0)" }),
      "tokens": JSONText.array(encoding.tokens.lazy.map(JSONText.string)),
      "offsets": JSONText.array(
        encoding.offsets.lazy.map { "[\($0.lowerBound), \($0.upperBound)]" }),
    ])
  }
}
