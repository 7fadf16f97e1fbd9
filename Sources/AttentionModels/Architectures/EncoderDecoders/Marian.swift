import Attention

extension BART.Traits {
  /// Marian, the architecture of OPUS-MT.
  ///
  ///     x = c E[id] + P[position]                        c = √d, or 1; P by `SinusoidalPositions`
  ///
  /// The blocks are BART's. Encoder and decoder may have separate vocabularies.
  ///
  /// - Source: Junczys-Dowmunt et al. 2018; Tiedemann & Thottingal 2020 (OPUS-MT); tensor names as in Hugging
  ///   Face's `MarianMTModel`.
  static let marian = BART.Traits(
    name: "Marian", isPreNorm: false, normalizesEmbedding: false, positions: .sinusoidal,
    hasLogitsBias: true, vocabularySize: 58_101, startToken: 58_100)
}
