import Attention
import AttentionCore

/// RoBERTa, XLM-RoBERTa and CamemBERT: BERT's blocks, with positions that begin after the padding token's id.
///
/// - Source: Liu et al. 2019; tensor names as in Hugging Face's `RobertaModel`.
enum RoBERTa {
  static let family = EncoderFamily(
    types: ["roberta", "xlm-roberta", "camembert"], prefix: "roberta", heads: .roberta
  ) { config in
    var defaults = EncoderSizes()
    if try config.string("model_type") == "roberta" { defaults.vocabularySize = 50_265 }
    let sizes = try EncoderSizes(config, defaults: defaults)
    let paddingToken = try config.integer("pad_token_id", in: 0...100_000_000, default: 1)
    guard paddingToken + 1 < sizes.positionCount else {
      throw ModelError.configuration(
        path: config.path,
        reason: "max_position_embeddings \(sizes.positionCount): expected more than "
          + "pad_token_id \(paddingToken) + 1, the row of the first position")
    }
    return { loader in
      try loader.postNormEncoder(
        sizes, input: loader.encoderInput(sizes, paddingToken: paddingToken))
    }
  }
}
