/// A text as an array of scalars with their origins. Simpler but slower than working on UTF-8.
struct AlignedScalars {
  /// A scalar of a rewritten text, and the old scalars that it replaces.
  struct Change {
    var scalar: UInt32
    /// 0: replaces one old scalar. 1: inserted, replaces none. −n: replaces n + 1 old scalars.
    var change: Int
  }

  private(set) var scalars: [UInt32] = []
  private(set) var origins: [Int32] = []

  init(_ text: NormalizedText) {
    scalars.reserveCapacity(text.bytes.count)
    origins.reserveCapacity(text.bytes.count)
    var index = 0
    var cancellation = CancellationSteps()
    while index < text.bytes.count, !cancellation.isRequested() {
      let (scalar, count) = decodeScalar(text.bytes, at: index)
      scalars.append(scalar)
      origins.append(text.origins[index])
      index += count
    }
  }

  var text: NormalizedText {
    var result = NormalizedText()
    result.reserveCapacity(scalars.count * 2)
    var cancellation = CancellationSteps()
    for (scalar, origin) in zip(scalars, origins) {
      if cancellation.isRequested() { break }
      result.append(scalar: scalar, origin: origin)
    }
    return result
  }

  mutating func filter(_ isKept: (UInt32) -> Bool) {
    var kept = 0
    var cancellation = CancellationSteps()
    for index in scalars.indices {
      if cancellation.isRequested() { break }
      guard isKept(scalars[index]) else { continue }
      scalars[kept] = scalars[index]
      origins[kept] = origins[index]
      kept += 1
    }
    scalars.removeSubrange(kept...)
    origins.removeSubrange(kept...)
  }

  /// Replaces each scalar by zero or more scalars with the same origin.
  mutating func replaceEach(_ body: (UInt32, (UInt32) -> Void) -> Void) {
    var newScalars: [UInt32] = []
    var newOrigins: [Int32] = []
    newScalars.reserveCapacity(scalars.count)
    newOrigins.reserveCapacity(scalars.count)
    var cancellation = CancellationSteps()
    for (scalar, origin) in zip(scalars, origins) {
      if cancellation.isRequested() { break }
      body(scalar) {
        newScalars.append($0)
        newOrigins.append(origin)
      }
    }
    scalars = newScalars
    origins = newOrigins
  }

  mutating func removeFirst(_ first: Int, last: Int) {
    scalars.removeLast(last)
    origins.removeLast(last)
    scalars.removeFirst(first)
    origins.removeFirst(first)
  }

  /// Replaces the text by `changes`, and assigns origins in order.
  ///
  /// Canonical ordering may have moved scalars. As in Hugging Face tokenizers, origins do not move: the
  /// n-th replacing scalar gets the origin of the n-th replaced scalar.
  mutating func apply(_ changes: [Change]) {
    var newOrigins: [Int32] = []
    newOrigins.reserveCapacity(changes.count)
    var consumed = 0
    var cancellation = CancellationSteps()
    for change in changes {
      if cancellation.isRequested() { break }
      if change.change > 0 {
        newOrigins.append(consumed > 0 ? origins[consumed - 1] : origins.first ?? 0)
      } else {
        newOrigins.append(origins[min(consumed, origins.count - 1)])
        consumed += 1 - change.change
      }
    }
    scalars = changes.map(\.scalar)
    origins = newOrigins
  }
}
