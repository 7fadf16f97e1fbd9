import Attention

extension Activation {
  /// The activation functions by their names in Hugging Face's configurations.
  static let huggingFaceNames: [String: Activation] = [
    "gelu": .gelu, "gelu_python": .gelu, "gelu_new": .geluTanh, "gelu_pytorch_tanh": .geluTanh,
    "gelu_fast": .geluTanh, "relu": .relu, "silu": .silu, "swish": .silu, "tanh": .tanh,
  ]

  init?(huggingFaceName name: String) {
    guard let activation = Self.huggingFaceNames[name] else { return nil }
    self = activation
  }
}
