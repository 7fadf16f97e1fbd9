/// The axes of a stored weight.
package enum WeightLayout: Sendable {
  /// `[output feature, input feature]`, as in PyTorch's `Linear`.
  case outputInput
  /// `[input feature, output feature]`, as in GPT-2's `Conv1D`.
  case inputOutput
}

/// Writes the given rows and columns of a stored weight to `target`, one row after the other.
package typealias WeightReading =
  @Sendable (
    _ rows: Range<Int>, _ columns: Range<Int>, _ target: UnsafeMutablePointer<Float>
  ) throws -> Void
