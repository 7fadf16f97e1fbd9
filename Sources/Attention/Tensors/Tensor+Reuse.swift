extension Tensor {
  /// A tensor with arbitrary content that reuses the memory of `tensor` if that is large enough.
  init(uninitialized shape: Shape, reusing tensor: consuming Tensor?) throws {
    let count = try shape.elementCount()
    if let tensor, tensor.storage.count >= count {
      self.init(shape: shape, count: count, storage: tensor.storage, offset: 0)
    } else {
      try self.init(shape: shape) { _ in }
    }
  }
}
