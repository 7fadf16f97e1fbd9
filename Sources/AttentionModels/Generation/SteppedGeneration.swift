import Attention

/// Texts that a model writes, a step at a time: what `LanguageModel.generate` does all at once.
///
/// A copy goes on from where it was copied.
package struct SteppedGeneration {
  /// One of the two.
  private var writing: DecodingLoop?
  private var search: BeamSearch?
  /// The tokens so far of each prompt's text, of a beam search its best text once it has ended.
  package private(set) var tokens: [[Int]]
  /// Of a beam search that has ended the best text's score.
  package private(set) var scores: [Float?]

  /// - Throws: as `LanguageModel.generate(_:options:)`.
  package init(
    _ model: any LanguageModel, prompts: [[Int]], options: GenerationOptions
  ) throws {
    try options.check(vocabularySize: model.vocabularySize)
    if options.beamCount > 1 {
      search = try BeamSearch(model, prompts: prompts, options: options, format: nil)
    } else {
      writing = try DecodingLoop(model, prompts: prompts, options: options, format: nil)
    }
    tokens = Array(repeating: [], count: prompts.count)
    scores = Array(repeating: nil, count: prompts.count)
  }

  /// Whether all texts have ended.
  package var isDone: Bool { writing?.isDone ?? search?.isDone ?? true }

  /// Adds a token to each text, or to each beam.
  package mutating func step() throws {
    // In place: a copy would have to copy keys and values.
    for event in try writing?.step() ?? [] where event.place.number == 0 {
      tokens[event.place.prompt].append(event.token.id)
    }
    for (prompt, texts) in try search?.step() ?? [] {
      tokens[prompt] = texts.first?.ids ?? []
      scores[prompt] = texts.first?.score
    }
  }
}
