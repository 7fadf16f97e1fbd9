import Attention
import Foundation

/// The activation between the two layers of a head for sequences.
enum HeadActivation: Sendable {
  case tanh
  case function(Activation)

  func callAsFunction(_ input: Tensor) throws -> Tensor {
    switch self {
    case .function(let function): return try function(input)
    case .tanh:
      var result = input
      try result.withMutableSpan { span in
        for index in span.indices { span[index] = Foundation.tanh(span[index]) }
      }
      return result
    }
  }
}

/// The tensor names and activation functions of a family's heads.
struct HeadNames: Sendable {
  /// The layer over the first token, before the layer with an output per label.
  var sequenceDense = "classifier.dense"
  var sequenceActivation = HeadActivation.tanh
  var sequenceOutput = "classifier.out_proj"

  /// The layer and the norm before the output layer of a masked language model, which is tied to the word
  /// embeddings.
  var maskedDense = "lm_head.dense"
  /// nil for the activation of the feed-forward layers.
  var maskedActivation: Activation? = .gelu
  var maskedNorm = "lm_head.layer_norm"
  var maskedOutput = "lm_head.decoder"
  var maskedBias = "lm_head.bias"

  /// RoBERTa and MPNet.
  static let roberta = HeadNames()

  static let bert = HeadNames(
    sequenceDense: "bert.pooler.dense", sequenceOutput: "classifier",
    maskedDense: "cls.predictions.transform.dense", maskedActivation: nil,
    maskedNorm: "cls.predictions.transform.LayerNorm", maskedOutput: "cls.predictions.decoder",
    maskedBias: "cls.predictions.bias")

  static let distilbert = HeadNames(
    sequenceDense: "pre_classifier", sequenceActivation: .function(.relu),
    sequenceOutput: "classifier", maskedDense: "vocab_transform", maskedActivation: nil,
    maskedNorm: "vocab_layer_norm", maskedOutput: "vocab_projector",
    maskedBias: "vocab_projector.bias")

  static let electra = HeadNames(
    sequenceActivation: .function(.gelu), maskedDense: "generator_predictions.dense",
    maskedNorm: "generator_predictions.LayerNorm", maskedOutput: "generator_lm_head",
    maskedBias: "generator_lm_head.bias")

  static let albert = HeadNames(
    sequenceDense: "albert.pooler", sequenceOutput: "classifier",
    maskedDense: "predictions.dense", maskedActivation: nil, maskedNorm: "predictions.LayerNorm",
    maskedOutput: "predictions.decoder", maskedBias: "predictions.bias")
}
