import Attention

extension BART.Traits {
  /// mBART and mBART-50: BART with norms before each layer, and one after the last block.
  ///
  ///     x = norm(c E[id] + P[position])                  c = √d, or 1
  ///     x ← x + attention(norm(x))
  ///     x ← x + attention(norm(x), m)                    in the decoder
  ///     x ← x + f(norm(x) W₁ + b₁) W₂ + b₂
  ///     m = norm(x) in the encoder;  logits = norm(x) Eᵀ + b in the decoder
  ///
  /// - Source: Liu et al. 2020; Tang et al. 2020 (mBART-50); tensor names as in Hugging Face's
  ///   `MBartForConditionalGeneration`.
  static let mbart = BART.Traits(
    name: "mBART", isPreNorm: true, normalizesEmbedding: true, positions: .learned(unusedRows: 2),
    hasLogitsBias: true, vocabularySize: 50_265, startToken: nil, bosToken: 0)
}
