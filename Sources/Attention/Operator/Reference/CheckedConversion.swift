// Conversions of the reference's large arrays, with checks for cancellation.

extension Array where Element: BinaryFloatingPoint & BitwiseCopyable {
  /// - Throws: `CancellationError` if the current task is cancelled.
  static func zeros(count: Int) throws -> [Element] {
    try checked(count: count) { _ in 0 }
  }

  /// The results of `value` for each index.
  ///
  /// - Throws: `CancellationError` if the current task is cancelled.
  static func checked(count: Int, _ value: (Int) -> Element) throws -> [Element] {
    try Array(uninitializedCount: count) { buffer in
      try Cancellation.forEachRange(of: count, length: Tuning.Memory.scalarsBetweenChecks) {
        for index in $0 { buffer.initializeElement(at: index, to: value(index)) }
      }
    }
  }
}

extension Tensor {
  /// The scalars in row-major order, in another precision.
  ///
  /// - Throws: `CancellationError` if the current task is cancelled.
  func convertedScalars<Scalar: BinaryFloatingPoint & BitwiseCopyable>() throws -> [Scalar] {
    try withUnsafeScalars { scalars in
      try Array.checked(count: scalars.count) { Scalar(scalars[$0]) }
    }
  }

  /// A tensor of numbers that are rounded to Float.
  ///
  /// - Throws: as ``init(shape:scalars:)``; `CancellationError` if the current task is cancelled.
  init(shape: Shape, rounding numbers: [some BinaryFloatingPoint]) throws {
    try self.init(shape: shape) { buffer in
      precondition(numbers.count == buffer.count, "\(numbers.count) numbers for \(shape)")
      try Cancellation.forEachRange(of: numbers.count, length: Tuning.Memory.scalarsBetweenChecks) {
        for index in $0 { buffer.initializeElement(at: index, to: Float(numbers[index])) }
      }
    }
  }
}
