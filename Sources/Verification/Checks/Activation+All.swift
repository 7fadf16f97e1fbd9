import Attention

extension Activation {
  /// Every activation.
  static let all: [Activation] = [.gelu, .geluTanh, .silu, .relu, .tanh]
}
