/// Copies elements from column-major order (first axis varies fastest) to row-major order.
///
/// - Parameters:
///   - source: the elements in column-major (Fortran) order.
///   - target: uninitialized memory for the same number of elements.
///   - shape: the extents; their product is the element count.
func initializeRowMajor<Element: BitwiseCopyable>(
  _ target: UnsafeMutableBufferPointer<Element>,
  fromColumnMajor source: UnsafeBufferPointer<Element>, shape: Shape
) {
  guard !source.isEmpty else { return }
  // strides[a]: the distance in `source` between elements whose indices differ by 1 on axis a.
  var strides: [Int] = []
  var stride = 1
  for extent in shape.dimensions {
    strides.append(stride)
    stride *= extent
  }
  var indices = [Int](repeating: 0, count: shape.rank)
  var position = 0
  for next in target.indices {
    target.initializeElement(at: next, to: source[position])
    // Increment the indices, the last axis first.
    var axis = shape.rank - 1
    while axis >= 0 {
      indices[axis] += 1
      position += strides[axis]
      if indices[axis] < shape[axis] { break }
      position -= strides[axis] * shape[axis]
      indices[axis] = 0
      axis -= 1
    }
  }
}
