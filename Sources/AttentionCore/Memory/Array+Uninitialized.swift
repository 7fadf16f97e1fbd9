extension Array where Element: BitwiseCopyable {
  /// An array of `count` elements, all of which `initialize` writes.
  ///
  /// With a capacity of 0, the initializer of the standard library writes to the empty array, which all threads
  /// share: a data race.
  @inlinable
  package init(
    uninitializedCount count: Int,
    initializingWith initialize: (UnsafeMutableBufferPointer<Element>) throws -> Void
  ) rethrows {
    guard count > 0 else {
      self = []
      return
    }
    try self.init(unsafeUninitializedCapacity: count) { buffer, initializedCount in
      try initialize(UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
      initializedCount = count
    }
  }
}
