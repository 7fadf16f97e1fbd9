import AttentionModels

/// Models in a folder `model` against another framework: the hidden states of an encoder, or the logits of a
/// decoder.
enum AgainstModels {
  static func measure(
    _ kind: AgainstCase.Operation, _ files: AgainstFiles
  ) throws -> @Sendable (VerificationSubject) throws -> ErrorMeter {
    let directory = try ModelDirectory(path: "\(files.path)/model")
    let tokens = PackedTokens(
      ids: try files.ids("ids"),
      segments: files.has("segments") ? try files.ids("segments") : nil,
      lengths: try files.integers("lengths"))
    if kind == .encoder {
      let model = try EncoderModels.load(directory, format: .float32)
      return try AgainstComposite.measure(files.expected("hidden_states")) {
        try model(tokens).hiddenStates
      }
    }
    let model = try LanguageModels.load(directory, format: .float32)
    guard !model.isEncoderDecoder else {
      throw files.reader.failure("operation language_model: expected a decoder-only model")
    }
    return try AgainstComposite.measure(files.expected("logits")) {
      var (state, tokens) = try model.begin(tokens)
      return try model.logits(of: tokens, state: &state, rows: .all)
    }
  }
}
