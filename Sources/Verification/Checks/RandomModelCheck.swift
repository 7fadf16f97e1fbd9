import AttentionModels

/// Small models with random weights: hidden states of encoders, and generation with language models, where
/// the logits of each step must be those of the whole text on the reference backend.
package struct RandomModelCheck: VerificationCheck {
  package let name = "models"
  package let summary = "random BERT; GPT-2, Llama, T5: each step, greedy, beams"
  package let caseCount = 60

  package init() {}

  package func prepare(_ generator: inout CaseGenerator) throws -> PreparedCase {
    var combination = generator.combination
    let family = combination.pick(RandomModel.Family.allCases)
    let mode = combination.pick(ModelComparison.Mode.allCases)
    let sizes = RandomModel.Sizes(&generator)
    let count = generator.pick([1, 2, 3])
    let size = RandomModel.vocabularySize
    let prompts = (0..<count).map { _ in generator.ids(generator.size(1...24), below: size) }
    let texts = prompts.map { _ in generator.ids(generator.size(1...10), below: size) }
    let lengths = "prompts \(prompts.map(\.count))"
    let description = "\(family) \(sizes.heads) heads of \(sizes.headDimension), \(lengths)"
    return try RandomModel.withFolder(family, sizes, &generator) { directory in
      guard family != .bert else {
        let model = try EncoderModels.load(directory)
        return PreparedCase(
          "\(description), hidden states",
          measure: try ModelComparison.encoder(
            model, exactModel: model, PackedTokens(prompts)))
      }
      let model = try LanguageModels.load(directory)
      return PreparedCase(
        "\(description), \(mode.rawValue)",
        measure: try ModelComparison.languageModel(
          model, exactModel: model, prompts, texts: texts, mode,
          blockCount: family == .t5 ? 4 : 2))
    }
  }
}
