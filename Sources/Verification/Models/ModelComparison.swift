import Attention
import AttentionModels

/// Compares the results of a model on a backend with those of the reference backend.
enum ModelComparison {
  /// What a case computes with a language model.
  enum Mode: String, CaseIterable {
    case steps = "logits of each step"
    case greedy
    case beams = "3 beams"
  }

  /// The hidden states of an encoder.
  ///
  /// - Parameter exactModel: the same model in float32; the weights of both are the same numbers.
  static func encoder(
    _ model: any EncoderModel, exactModel: any EncoderModel, _ tokens: PackedTokens
  ) throws -> @Sendable (VerificationSubject) throws -> ErrorMeter {
    let result = try CompositeResult(blockCount: exactModel.layerCount) {
      try exactModel(tokens).hiddenStates
    }
    return { subject in
      var meter = ErrorMeter()
      result.compare(try subject.scalars { try model(tokens).hiddenStates }, &meter)
      return meter
    }
  }

  /// The logits of given texts, or the texts that the model generates.
  ///
  /// - Parameter blockCount: the number of blocks of the model, one after the other.
  static func languageModel(
    _ model: any LanguageModel, exactModel: any LanguageModel, _ prompts: [[Int]], texts: [[Int]],
    _ mode: Mode, blockCount: Int
  ) throws -> @Sendable (VerificationSubject) throws -> ErrorMeter {
    switch mode {
    case .steps:
      let result = try CompositeResult(blockCount: blockCount) {
        try TeacherForcing(model: exactModel, prompts: prompts, texts: texts).whole()
      }
      let forcing = TeacherForcing(model: model, prompts: prompts, texts: texts)
      return { subject in
        var meter = ErrorMeter()
        result.compare(try subject.scalars(forcing.steps), &meter)
        return meter
      }
    case .greedy, .beams:
      var options = GenerationOptions()
      options.maxNewTokens = texts.map(\.count).max() ?? 1
      options.beamCount = mode == .beams ? 3 : 1
      let chosen = options
      let expected = try withCompute(backend: .reference, threads: 1) {
        try exactModel.generate(prompts, options: chosen).map { $0[0] }
      }
      let forcing = TeacherForcing(
        model: exactModel, prompts: prompts, texts: expected.map(\.ids))
      let logits = try CompositeResult(blockCount: blockCount, forcing.whole)
      let size = exactModel.vocabularySize
      let firstRows = try prompts.indices.map { try forcing.row(of: $0, after: 0) }
      return { subject in
        let found = try withCompute(backend: subject.backend, threads: 2) {
          try model.generate(prompts, options: chosen).map { $0[0] }
        }
        var meter = ErrorMeter()
        for (index, (found, expected)) in zip(found, expected).enumerated() {
          if let score = found.score, let best = expected.score {
            // A text's score is a mean of log-probabilities, each of which has the error of two logits.
            meter.add(score, Double(best), within: 2 * logits.bound)
          } else {
            // Tokens may differ only where their logits are equal up to the errors of both.
            let place = zip(found.ids, expected.ids).enumerated().first { $1.0 != $1.1 }
            if let (step, (wrong, right)) = place {
              let row = (firstRows[index] + step) * size
              meter.add(
                error: logits.exact[row + right] - logits.exact[row + wrong],
                within: 2 * logits.bound)
            } else {
              meter.add(
                error: found.ids.count == expected.ids.count ? 0 : .infinity,
                within: 2 * logits.bound)
            }
          }
        }
        return meter
      }
    }
  }
}
