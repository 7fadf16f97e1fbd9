extension UnsafeBufferPointer<Float> {
  /// max(|x|, 1e-12), as in PyTorch's `normalize`: dividing a zero vector by it leaves zeros.
  var boundedLength: Double {
    Swift.max(reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot(), 1e-12)
  }
}
