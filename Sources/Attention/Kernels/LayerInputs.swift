/// What a layer whose weights are kept in a narrow ``WeightFormat`` multiplies them with.
///
/// Some processors multiply two narrow numbers several times as fast as two of Float32: those of AMD since
/// Zen 4, and of Intel since Sapphire Rapids where they are whole numbers. Rounded inputs make use of that
/// where arithmetic is what takes the time: long prompts, many texts together. One text that goes on token
/// by token waits for memory, and gains little.
///
/// | weights | inputs x become | a product's error beside the weights' own |
/// | --- | --- | --- |
/// | ``WeightFormat/float32``, ``WeightFormat/float16`` | x | none |
/// | ``WeightFormat/bfloat16`` | the nearest bfloat16: ≤ 2⁻⁹ · abs(x) off | 0.17 % |
/// | ``WeightFormat/int8``, ``WeightFormat/int8Groups`` | s · whole, s = max abs(x) / 127 over each 64 inputs: ≤ s / 2 off | 0.6 % |
///
/// Sums are kept in Float32 as ever, those of whole numbers exactly within each 64. The last column is a
/// root mean square, relative to y's, as measured for x from N(0, 1). Other processors round in the same
/// way, and gain nothing.
public enum LayerInputs: String, Sendable, Hashable, CaseIterable {
  /// As they are, in Float32: the default.
  case exact
  /// Rounded as the weights are.
  case rounded
}

extension LayerInputs: CustomStringConvertible {
  /// The name.
  public var description: String { rawValue }
}

extension WeightFormat {
  /// Whether inputs are rounded for weights of this format, where that is asked for.
  var roundsInputs: Bool {
    switch self {
    case .float32, .float16: false
    case .bfloat16, .int8, .int8Groups: true
    }
  }
}
