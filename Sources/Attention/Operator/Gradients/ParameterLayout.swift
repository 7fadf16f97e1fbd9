/// The gradients of several modifiers' parameters, concatenated in one buffer.
struct ParameterLayout {
  /// The number of scalars in the buffer.
  let count: Int
  /// The shape and the part of the buffer of each modifier; nil for a modifier without a part.
  private let parts: [(shape: Shape, range: Range<Int>)?]

  /// - Parameter isIncluded: whether modifiers with this sharing have a part.
  init(_ modifiers: [any ScoreModifier], where isIncluded: (ScoreParameterSharing) -> Bool) {
    var end = 0
    parts = modifiers.map { modifier in
      guard let parameters = modifier.parameters, isIncluded(modifier.parameterSharing) else {
        return nil
      }
      defer { end += parameters.count }
      return (parameters.shape, end..<end + parameters.count)
    }
    count = end
  }

  /// The part of each modifier.
  func parts(
    of buffer: UnsafeMutableBufferPointer<Float>
  ) -> [UnsafeMutableBufferPointer<Float>?] {
    parts.map { $0.map { UnsafeMutableBufferPointer(rebasing: buffer[$0.range]) } }
  }

  /// The part of each modifier, in the shape of its parameters. The memory is shared.
  func tensors(of buffer: Tensor) throws -> [Tensor?] {
    try parts.map { try $0.map { try buffer.rows($0.range).reshaped(to: $0.shape) } }
  }
}
