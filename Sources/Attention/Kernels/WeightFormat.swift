/// The storage format of a layer's weights. Products are summed in float32 for every format.
///
/// A narrow format takes less memory. It is faster if reading the weights limits the speed of a
/// layer: for few tokens, as in text generation. It is less accurate:
///
/// | format | bits per weight | rounding error of a weight w | error of a product |
/// | --- | --- | --- | --- |
/// | ``float32`` | 32 | 0 | |
/// | ``bfloat16`` | 16 | ≤ 2⁻⁸ · abs(w) | 0.17 % |
/// | ``float16`` | 16 | ≤ 2⁻¹¹ · abs(w), or 2⁻²⁵ where abs(w) is below 2⁻¹⁴ | 0.021 % |
/// | ``int8`` | 8 | ≤ s / 2, s = max abs(w) / 127 over the inputs of an output feature | 0.8 % |
/// | ``int8Groups`` | 8.5 | the same, over each block of 64 of these inputs | 0.6 % |
///
/// A product y = W x differs by at most Σ errorᵢ · abs(xᵢ) from the product with the original
/// weights. The last column is the root mean square of the difference, relative to the root mean
/// square of y, measured for W `[256, 768]` and x from N(0, 1).
public enum WeightFormat: String, Sendable, Hashable, CaseIterable {
  /// IEEE 754 binary32.
  case float32
  /// The upper half of a float32: its range, 8 bits of precision.
  case bfloat16
  /// IEEE 754 binary16: 11 bits of precision, numbers up to 65,504.
  case float16
  /// Integers from −127 to 127, with one scale for each output feature.
  case int8
  /// Integers from −127 to 127, with one scale for each block of 64 inputs of an output feature.
  case int8Groups = "int8-groups"

  /// The name on the command line.
  public var name: String { rawValue }
}

extension WeightFormat: CustomStringConvertible {
  /// The name.
  public var description: String { name }
}
