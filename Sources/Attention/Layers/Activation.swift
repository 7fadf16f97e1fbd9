/// The activation function f of a feed-forward layer, applied to each scalar x.
public enum Activation: Sendable, Hashable {
  /// x · Φ(x), where Φ is the standard normal distribution function.
  ///
  /// - Source: Hendrycks & Gimpel 2016.
  case gelu
  /// x/2 · (1 + tanh(√(2/π) (x + 0.044715 x³))), the approximation that GPT-2 uses.
  ///
  /// - Source: Hendrycks & Gimpel 2016, section 2.
  case geluTanh
  /// x / (1 + e^(−x)), also called swish.
  ///
  /// - Source: Elfwing, Uchibe & Doya 2017.
  case silu
  /// max(x, 0); NaN stays NaN.
  ///
  /// - Source: Nair & Hinton 2010.
  case relu
  /// tanh x, between −1 and 1.
  case tanh
}

extension Activation {
  /// Applies f to every scalar of `input`.
  ///
  /// - Parameter input: a tensor of any shape.
  /// - Returns: f(x) for each x, in the shape of `input`.
  /// - Throws: ``AttentionError/memory(byteCount:purpose:)``.
  public func callAsFunction(_ input: Tensor) throws -> Tensor {
    var output = input
    try apply(to: &output)
    return output
  }

  /// Applies f to every scalar of `tensor`, in place unless its storage is shared.
  func apply(to tensor: inout Tensor) throws {
    let width = tensor.shape.dimensions.last ?? 1
    let kernels = Compute.current.backend.kernels
    try tensor.forEachRow(width: width) { row in kernels.activate(row, self) }
  }
}
