import Attention

extension BART {
  /// The family of a model: `model_type` in its `config.json`.
  public enum Family: String, Sendable, Hashable, CaseIterable {
    /// BART: norms after each layer, learned positions.
    case bart
    /// Marian, the architecture of OPUS-MT: BART with sinusoidal positions and without a norm of the
    /// embeddings.
    case marian
    /// M2M-100 and NLLB: norms before each layer, sinusoidal positions for any length.
    case m2m100 = "m2m_100"
    /// mBART and mBART-50: norms before each layer, learned positions, a norm of the embeddings.
    case mbart
    /// Pegasus: norms before each layer, sinusoidal positions.
    case pegasus

    var traits: Traits {
      switch self {
      case .bart: .bart
      case .marian: .marian
      case .m2m100: .m2m100
      case .mbart: .mbart
      case .pegasus: .pegasus
      }
    }
  }

  /// What differs between the families: the structure, and the defaults of `transformers` for keys that a
  /// `config.json` lacks.
  struct Traits: Sendable {
    /// Where P comes from.
    enum Positions: Sendable {
      /// A table in the file whose first rows are unused.
      case learned(unusedRows: Int)
      /// A table in the file, or else Marian's formula, for `max_position_embeddings` tokens.
      case sinusoidal
      /// fairseq's formula, for any length, after `pad_token_id` (default: `paddingToken`).
      case unlimited(paddingToken: Int)
    }

    /// The name in descriptions.
    let name: String
    /// Whether norms are before each layer, and one after the last block; otherwise after each sum.
    let isPreNorm: Bool
    /// Whether a norm follows the sum of embeddings and positions.
    let normalizesEmbedding: Bool
    let positions: Positions
    /// Whether the logits have a bias, `final_logits_bias`.
    let hasLogitsBias: Bool

    let vocabularySize: Int
    var activation = "gelu"
    var scalesEmbedding = false
    /// `decoder_start_token_id`; nil if the class has none, and `bos_token_id` counts.
    let startToken: Int?
    /// `bos_token_id`.
    var bosToken: Int? = nil
  }
}
