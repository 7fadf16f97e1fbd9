import AttentionModels
import Synchronization
import Tokenizers

/// A model in a folder, on a few short texts: the hidden states of an encoder; the logits and the texts of a
/// language model.
package final class FolderCheck: VerificationCheck {
  package let name: String
  package let summary: String
  package let caseCount = 6
  private let directory: ModelDirectory
  private let loaded = Mutex<Loaded?>(nil)

  /// - Parameter name: the name of the check in tables and ids.
  package init(name: String, _ directory: ModelDirectory) {
    self.name = name
    self.directory = directory
    summary = "the model in \(directory.path)"
  }

  private static let texts = [
    "The cat sat on the mat.", "Once upon a time there was a young teacher",
    "translate English to French: The dog runs.",
  ]

  /// The model in the format of its file, and with the same weights in float32.
  private enum Model {
    case encoder(any EncoderModel, exact: any EncoderModel)
    case language(any LanguageModel, exact: any LanguageModel)
  }

  private struct Loaded: Sendable {
    let tokenizer: Tokenizer
    let model: Model
  }

  /// The model, which the first case loads.
  private func model() throws -> Loaded {
    try loaded.withLock { loaded in
      if let loaded { return loaded }
      let tokenizer = try Tokenizer(directory)
      let model: Model
      if EncoderModels.isEncoderOnly(try directory.configuration().string("model_type")) {
        model = .encoder(
          try EncoderModels.load(directory),
          exact: try EncoderModels.load(directory, format: .float32))
      } else {
        model = .language(
          try LanguageModels.load(directory),
          exact: try LanguageModels.load(directory, format: .float32))
      }
      let new = Loaded(tokenizer: tokenizer, model: model)
      loaded = new
      return new
    }
  }

  /// The number of blocks of a language model, one after the other.
  private func blockCount() throws -> Int {
    let reader = try directory.configuration()
    return try [
      "num_hidden_layers", "n_layer", "num_layers", "num_decoder_layers", "encoder_layers",
      "decoder_layers",
    ].reduce(0) { try $0 + (reader.optionalInteger($1, in: 1...10_000) ?? 0) }
  }

  package func prepare(_ generator: inout CaseGenerator) throws -> PreparedCase {
    var combination = generator.combination
    let mode = combination.pick(ModelComparison.Mode.allCases)
    let text = combination.pick(Self.texts)
    let model = try self.model()
    let ids = try Array(model.tokenizer.encode(text).ids.prefix(24))
    switch model.model {
    case .encoder(let model, let exact):
      let first = Array(ids.prefix(generator.size(1...max(1, ids.count))))
      return PreparedCase(
        "hidden states of '\(text)' and its first \(first.count) tokens",
        measure: try ModelComparison.encoder(
          model, exactModel: exact, PackedTokens([ids, first])))
    case .language(let model, let exact):
      let next = generator.ids(mode == .steps ? 5 : 6, below: model.vocabularySize)
      return PreparedCase(
        "\(mode.rawValue) after '\(text)'",
        measure: try ModelComparison.languageModel(
          model, exactModel: exact, [ids], texts: [next], mode, blockCount: blockCount()))
    }
  }
}
