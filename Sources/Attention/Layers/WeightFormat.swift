/// How the weights of a layer are kept in memory. Whatever it is, products are summed up in float32.
///
/// A narrow format takes less memory, and less time where reading the weights is what takes the time:
/// when few tokens go through a layer, as in generating text. What it costs is accuracy:
///
/// | format | bytes a weight | distance of a weight w from what is kept |
/// | --- | --- | --- |
/// | ``float32`` | 4 | 0 |
/// | ``bfloat16`` | 2 | ≤ 2⁻⁹ · abs(w) |
/// | ``float16`` | 2 | ≤ 2⁻¹² · abs(w), or 2⁻²⁵ where abs(w) is below 2⁻¹⁴ |
/// | ``int8`` | 1 | ≤ s / 2, with s = max abs(w) / 127 over the inputs of an output feature |
/// | ``int8Groups`` | 1.06 | the same, over each 64 of these inputs |
///
/// A product y = W x then differs by at most Σ distanceᵢ · abs(xᵢ) from the one with the weights as they
/// were.
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

  /// How many of an output feature's `inputWidth` weights share a scale, at least 1; nil where there are
  /// no scales.
  package func groupLength(inputWidth: Int) -> Int? {
    switch self {
    case .float32, .bfloat16, .float16: nil
    case .int8: max(inputWidth, 1)
    case .int8Groups: 64
    }
  }

  /// How many scales an output feature has.
  package func groupCount(inputWidth: Int) -> Int {
    groupLength(inputWidth: inputWidth).map { max(1, (inputWidth + $0 - 1) / $0) } ?? 0
  }
}

extension WeightFormat: CustomStringConvertible {
  /// The name.
  public var description: String { name }
}
