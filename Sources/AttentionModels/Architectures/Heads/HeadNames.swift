import Attention

/// The tensor names and the activation function of a head's layers; see `HeadLayers`.
struct HeadLayerNames: Sendable {
  /// W₁; nil for a head without it.
  var dense: String?
  var denseBias = WeightLoader.Bias.required
  /// f; nil for the activation of the feed-forward layers.
  var activation: Activation?
  /// nil for a head without a norm.
  var norm: String?
  var normBias = WeightLoader.Bias.required
  /// W₂.
  var output: String
  var outputBias = WeightLoader.Bias.required
}

/// The tensor names and activation functions of a family's heads.
struct HeadNames: Sendable {
  /// The head for sequence classification.
  var sequence: HeadLayerNames
  /// The vector of a sequence that the head for sequence classification reads.
  var pooling = Pooling.cls
  /// The head for token classification.
  var token = HeadLayerNames(output: "classifier")
  /// The head for question answering.
  var answer = HeadLayerNames(output: "qa_outputs")
  /// The head of a masked language model, whose output layer is tied to the word embeddings.
  var masked = HeadLayerNames(
    dense: "lm_head.dense", activation: .gelu, norm: "lm_head.layer_norm", output: "lm_head.decoder"
  )
  /// The bias of the output layer, if it is not `masked.output` with ".bias"; nil for no bias.
  var maskedBias: String? = "lm_head.bias"

  /// RoBERTa and MPNet.
  static let roberta = HeadNames(
    sequence: HeadLayerNames(
      dense: "classifier.dense", activation: .tanh, output: "classifier.out_proj"))

  /// BERT.
  ///
  /// - Parameter prefix: the prefix of the encoder.
  static func bert(prefix: String) -> HeadNames {
    HeadNames(
      sequence: HeadLayerNames(
        dense: "\(prefix).pooler.dense", activation: .tanh, output: "classifier"),
      masked: HeadLayerNames(
        dense: "cls.predictions.transform.dense", norm: "cls.predictions.transform.LayerNorm",
        output: "cls.predictions.decoder"),
      maskedBias: "cls.predictions.bias")
  }

  static let distilbert = HeadNames(
    sequence: HeadLayerNames(dense: "pre_classifier", activation: .relu, output: "classifier"),
    masked: HeadLayerNames(
      dense: "vocab_transform", norm: "vocab_layer_norm", output: "vocab_projector"),
    maskedBias: "vocab_projector.bias")

  static let electra = HeadNames(
    sequence: HeadLayerNames(
      dense: "classifier.dense", activation: .gelu, output: "classifier.out_proj"),
    masked: HeadLayerNames(
      dense: "generator_predictions.dense", activation: .gelu,
      norm: "generator_predictions.LayerNorm", output: "generator_lm_head"),
    maskedBias: "generator_lm_head.bias")

  static let albert = HeadNames(
    sequence: HeadLayerNames(dense: "albert.pooler", activation: .tanh, output: "classifier"),
    masked: HeadLayerNames(
      dense: "predictions.dense", norm: "predictions.LayerNorm", output: "predictions.decoder"),
    maskedBias: "predictions.bias")
}
