import Attention

extension BART.Traits {
  /// Pegasus: mBART's blocks with sinusoidal positions, and without a norm of the embeddings. Published
  /// models summarize and paraphrase.
  ///
  ///     x = c E[id] + P[position]                        c = √d, or 1; P by `SinusoidalPositions`
  ///
  /// - Source: Zhang et al. 2020; tensor names as in Hugging Face's `PegasusForConditionalGeneration`.
  static let pegasus = BART.Traits(
    name: "Pegasus", isPreNorm: true, normalizesEmbedding: false, positions: .sinusoidal,
    hasLogitsBias: true, vocabularySize: 50_265, startToken: 0)
}
