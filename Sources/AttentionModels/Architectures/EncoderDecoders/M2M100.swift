import Attention

extension BART.Traits {
  /// M2M-100 and NLLB: many-to-many translation; the first token of a translation is its language.
  ///
  ///     x = c E[id] + P[position]                        c = √d, or 1; P by `ComputedPositions`
  ///     x ← x + attention(norm(x))
  ///     x ← x + attention(norm(x), m)                    in the decoder
  ///     x ← x + f(norm(x) W₁ + b₁) W₂ + b₂
  ///     m = norm(x) in the encoder;  logits = norm(x) Eᵀ in the decoder
  ///
  /// - Source: Fan et al. 2020; NLLB Team 2022; tensor names as in Hugging Face's
  ///   `M2M100ForConditionalGeneration`.
  static let m2m100 = BART.Traits(
    name: "M2M100", isPreNorm: true, normalizesEmbedding: false,
    positions: .unlimited(paddingToken: 1), hasLogitsBias: false, vocabularySize: 128_112,
    activation: "relu", scalesEmbedding: true, startToken: 2, bosToken: 0)
}
