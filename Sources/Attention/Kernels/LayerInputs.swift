/// The precision of the inputs of layers with weights in a narrow ``WeightFormat``: dynamic
/// activation quantization (W8A8).
///
/// Some processors multiply two narrow numbers several times faster than two float32 numbers: AMD
/// since Zen 4 and, for int8, Intel since Sapphire Rapids. On these, quantized inputs speed up
/// compute-bound work, such as long prompts and large batches. Generating a single text is
/// memory-bound and gains little.
///
/// | weights | inputs x become | error of a product, in addition to the error from the weights |
/// | --- | --- | --- |
/// | ``WeightFormat/float32``, ``WeightFormat/float16`` | x | none |
/// | ``WeightFormat/bfloat16`` | the nearest bfloat16: error ≤ 2⁻⁹ · abs(x) | 0.17 % |
/// | ``WeightFormat/int8``, ``WeightFormat/int8Groups`` | s · integer, s = max abs(x) / 127 over each block of 64 inputs: error ≤ s / 2 | 0.6 % |
///
/// Products are summed in float32; sums of integers are exact within each block of 64 inputs. The
/// last column is the root mean square of the error, relative to the root mean square of the product,
/// measured for x from N(0, 1). Other processors quantize in the same way, without a speedup.
public enum LayerInputs: String, Sendable, Hashable, CaseIterable {
  /// Float32, unchanged: the default.
  case exact
  /// Quantized to the precision of the weights.
  case rounded
}

extension LayerInputs: CustomStringConvertible {
  /// The name.
  public var description: String { rawValue }
}
