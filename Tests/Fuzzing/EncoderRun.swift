import Attention
import AttentionModels

/// Runs an encoder, bare or with a head, in a folder with a `config.json` and the weights of a small model.
enum EncoderRun {
  /// The head that `architectures` names by the end of a class name.
  enum Head: String, CaseIterable {
    case sequence = "ForSequenceClassification"
    case tokens = "ForTokenClassification"
    case answers = "ForQuestionAnswering"
    case masked = "ForMaskedLM"

    /// nil for a bare encoder.
    init?(_ reader: ConfigurationReader) {
      guard let name = reader.value("architectures")?.array?.first?.string,
        let head = Self.allCases.first(where: { name.hasSuffix($0.rawValue) })
      else { return nil }
      self = head
    }
  }

  /// Loads the encoder and runs it.
  ///
  /// - Returns: the sizes of the encoder; nil if the weights do not match the configuration, or a text is longer
  ///   than its positions.
  /// - Throws: `ModelError` if the configuration is refused.
  static func sizes(_ directory: ModelDirectory, _ head: Head?, _ tokens: PackedTokens) throws
    -> [Int]?
  {
    do {
      return try run(directory, head, tokens)
    } catch let error as ModelError {
      switch error {
      case .configuration, .unsupported: throw error
      default: return nil
      }
    } catch is AttentionError {
      return nil
    }
  }

  private static func run(
    _ directory: ModelDirectory, _ head: Head?, _ tokens: PackedTokens
  ) throws -> [Int] {
    switch head {
    case nil:
      let encoder = try EncoderModels.load(directory)
      let output = try encoder(tokens)
      return try check(encoder, output.hiddenStates, [tokens.ids.count, encoder.hiddenSize])
    case .sequence:
      let model = try SequenceClassifier(directory)
      return try check(model.encoder, model(tokens), [tokens.lengths.count, model.labels.count])
    case .tokens:
      let model = try TokenClassifier(directory)
      return try check(model.encoder, model(tokens), [tokens.ids.count, model.labels.count])
    case .answers:
      let model = try AnswerExtractor(directory)
      return try check(model.encoder, model(tokens), [tokens.ids.count, 2])
    case .masked:
      let model = try MaskedLanguageModel(directory)
      let shape = [tokens.ids.count, model.encoder.vocabularySize]
      return try check(model.encoder, model(tokens), shape)
    }
  }

  /// Checks the sizes of an encoder, and that its output has a shape and is finite: the last norm bounds it.
  private static func check(
    _ encoder: any EncoderModel, _ output: Tensor, _ shape: [Int]
  ) throws -> [Int] {
    let sizes = [
      encoder.vocabularySize, encoder.hiddenSize, encoder.layerCount, encoder.headCount,
      encoder.contextLength ?? 1,
    ]
    try FuzzViolation.unless(sizes.allSatisfy { $0 > 0 }, "sizes \(sizes)")
    try FuzzViolation.unless(
      encoder.hiddenSize.isMultiple(of: encoder.headCount),
      "\(encoder.hiddenSize) of \(encoder.headCount)")
    try FuzzViolation.unless(
      output.shape == Shape(shape), "shape \(output.shape), expected \(shape)")
    try FuzzViolation.unless(
      output.scalars.allSatisfy(\.isFinite), "the output is not finite")
    return sizes
  }
}
