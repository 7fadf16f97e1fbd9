extension Tensor: CustomStringConvertible {
  /// The shape and the scalars, such as `Tensor[2, 3] float32 [[1, 2, 3], [4, 5, 6]]`. A large
  /// tensor shows the first and last scalars along each axis.
  ///
  /// - Complexity: O(1).
  public var description: String {
    withUnsafeScalars { scalars in
      "Tensor\(shape) float32 "
        + DescriptionText.elements(of: shape) { DescriptionText.number(scalars[$0]) }
    }
  }
}

extension BooleanTensor: CustomStringConvertible {
  /// The shape and the booleans, such as `BooleanTensor[2] [true, false]`. A large tensor shows the
  /// first and last booleans along each axis.
  ///
  /// - Complexity: O(1).
  public var description: String {
    "BooleanTensor\(shape) " + DescriptionText.elements(of: shape) { "\(elements[$0])" }
  }
}

extension MatrixView: CustomStringConvertible {
  /// The shape and the scalars, such as `MatrixView[2, 2] float32 [[1, 2], [3, 4]]`. A large matrix
  /// shows the first and last scalars of rows and columns.
  ///
  /// - Complexity: O(1).
  public var description: String {
    withUnsafeBase { base in
      "MatrixView\(shape) float32 "
        + DescriptionText.elements(of: shape) { index in
          let (row, column) = (index / columnCount, index % columnCount)
          let position =
            isTransposed ? column * leadingDimension + row : row * leadingDimension + column
          return DescriptionText.number(base[position])
        }
    }
  }
}

extension NPYArray: CustomStringConvertible {
  /// The shape and the elements, such as `NPYArray[3] int64 [1, 2, 3]`. A large array shows the
  /// first and last elements along each axis.
  ///
  /// - Complexity: O(1).
  public var description: String {
    "NPYArray\(shape) \(elements.type) " + DescriptionText.elements(of: shape, elements.text)
  }
}

extension NPYArray.Elements: CustomStringConvertible {
  /// The type and the first elements, such as `float32 [1, 2, …]`.
  ///
  /// - Complexity: O(1).
  public var description: String {
    "\(type) " + DescriptionText.elements(of: [count], text)
  }

  /// The text of one element.
  fileprivate func text(_ index: Int) -> String {
    switch self {
    case .float16(let bitPatterns):
      DescriptionText.number(HalfPrecision.float(fromFloat16: bitPatterns[index]))
    case .float32(let elements): DescriptionText.number(elements[index])
    case .float64(let elements): DescriptionText.number(elements[index])
    case .int32(let elements): "\(elements[index])"
    case .int64(let elements): "\(elements[index])"
    case .bool(let elements): "\(elements[index])"
    }
  }
}
