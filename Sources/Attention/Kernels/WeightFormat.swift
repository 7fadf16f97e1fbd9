/// How the weights of a layer are kept in memory. Whatever it is, products are summed up in float32.
///
/// A narrow format takes less memory, and less time where reading the weights is what takes the time:
/// when few tokens go through a layer, as in generating text. What it costs is accuracy:
///
/// | format | bytes a weight | distance of a weight w from what is kept | a product's error |
/// | --- | --- | --- | --- |
/// | ``float32`` | 4 | 0 | |
/// | ``bfloat16`` | 2 | ≤ 2⁻⁸ · abs(w) | 0.17 % |
/// | ``float16`` | 2 | ≤ 2⁻¹¹ · abs(w), or 2⁻²⁵ where abs(w) is below 2⁻¹⁴ | 0.021 % |
/// | ``int8`` | 1 | ≤ s / 2, s = max abs(w) / 127 over the inputs of an output feature | 0.8 % |
/// | ``int8Groups`` | 1.06 | the same, over each 64 of these inputs | 0.6 % |
///
/// A product y = W x differs by at most Σ distanceᵢ · abs(xᵢ) from the one with the weights as they were.
/// The last column is the root mean square of that difference, relative to y's, as measured for W
/// `[256, 768]` and x from N(0, 1).
public enum WeightFormat: String, Sendable, Hashable, CaseIterable {
  /// As computed with.
  case float32
  /// The upper half of a float32: its range, 8 bits of precision.
  case bfloat16
  /// IEEE 754's binary16: 11 bits of precision, numbers up to 65,504.
  case float16
  /// Whole numbers from −127 to 127, with one scale an output feature.
  case int8
  /// Whole numbers from −127 to 127, with one scale for each 64 inputs of an output feature.
  case int8Groups = "int8-groups"

  /// The name that the command line knows it by.
  public var name: String { rawValue }

  /// Bytes of a weight, scales left out.
  var elementByteCount: Int {
    switch self {
    case .float32: 4
    case .bfloat16, .float16: 2
    case .int8, .int8Groups: 1
    }
  }

  /// How many of an output feature's `inputSize` weights share a scale, at least 1; nil where there are
  /// no scales.
  package func groupLength(inputSize: Int) -> Int? {
    switch self {
    case .float32, .bfloat16, .float16: nil
    case .int8: max(inputSize, 1)
    case .int8Groups: 64
    }
  }

  /// How many scales an output feature has.
  package func groupCount(inputSize: Int) -> Int {
    groupLength(inputSize: inputSize).map { max(1, (inputSize + $0 - 1) / $0) } ?? 0
  }
}

extension WeightFormat: CustomStringConvertible {
  /// The name.
  public var description: String { name }
}
