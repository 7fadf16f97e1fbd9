/// A text as scalars with their origins: the form in which normalizers that are not in a hurry work.
struct AlignedScalars {
  /// A scalar of a rewritten text, and what became of the text before to make it.
  struct Change {
    var scalar: UInt32
    /// 0 where it replaces one scalar, 1 where it is added after the one before, −n where it
    /// replaces one scalar and the n after that are dropped.
    var change: Int
  }

  private(set) var scalars: [UInt32] = []
  private(set) var origins: [Int32] = []

  init(_ text: NormalizedText) {
    scalars.reserveCapacity(text.bytes.count)
    origins.reserveCapacity(text.bytes.count)
    var index = 0
    while index < text.bytes.count {
      let (scalar, count) = decodeScalar(text.bytes, at: index)
      scalars.append(scalar)
      origins.append(text.origins[index])
      index += count
    }
  }

  var text: NormalizedText {
    var result = NormalizedText()
    result.reserveCapacity(scalars.count * 2)
    for (scalar, origin) in zip(scalars, origins) { result.append(scalar: scalar, origin: origin) }
    return result
  }

  mutating func filter(_ isKept: (UInt32) -> Bool) {
    var kept = 0
    for index in scalars.indices where isKept(scalars[index]) {
      scalars[kept] = scalars[index]
      origins[kept] = origins[index]
      kept += 1
    }
    scalars.removeSubrange(kept...)
    origins.removeSubrange(kept...)
  }

  /// Puts zero or more scalars in the place of each one; all get its origin.
  mutating func replaceEach(_ body: (UInt32, (UInt32) -> Void) -> Void) {
    var newScalars: [UInt32] = []
    var newOrigins: [Int32] = []
    newScalars.reserveCapacity(scalars.count)
    newOrigins.reserveCapacity(scalars.count)
    for (scalar, origin) in zip(scalars, origins) {
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

  /// Takes over rewritten scalars whose origins follow from their order alone.
  ///
  /// Canonical ordering moves scalars, but the reference library hands out origins in the order
  /// of the original: the n-th replacing scalar gets the origin of the n-th replaced one.
  mutating func apply(_ changes: [Change]) {
    var newOrigins: [Int32] = []
    newOrigins.reserveCapacity(changes.count)
    var consumed = 0
    for change in changes {
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
