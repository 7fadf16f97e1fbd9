/// A hash table of the keys of one large object, with open addressing.
///
/// Keys are equal if their UTF-8 bytes are equal. `String` would treat "é" as one scalar and "e" with a
/// combining accent as equal keys.
struct JSONKeyTable: Sendable {
  /// The index of a key on the tape; 0 for a free slot, because index 0 is the outermost value.
  private var slots: [UInt32]

  /// In objects of up to this number of members, comparing all keys is fast enough.
  private static let linearLimit = 32

  /// - Returns: nil for a small object, which needs no table.
  /// - Throws: `JSONError` if two members of the object have the same key.
  init?(of object: Int, in text: JSONTape) throws(JSONError) {
    let end = text.end(of: object)
    var count = 0
    var index = text.firstElement(of: object)
    while index < end {
      count += 1
      index = text.end(of: index + 1)
    }
    slots = []
    guard count > Self.linearLimit else {
      try Self.requireDifferentKeys(of: object, in: text)
      return nil
    }
    slots = Array(repeating: 0, count: count + count / 4)
    index = text.firstElement(of: object)
    while index < end {
      let slot = text.withKey(index) { self.slot(of: $0, in: text) }
      guard slots[slot] == 0 else { throw Self.duplicate(index, text) }
      slots[slot] = UInt32(index)
      index = text.end(of: index + 1)
    }
  }

  /// The index of a key on the tape; nil if the object does not have the key.
  func index(of key: UnsafeBufferPointer<UInt8>, in text: JSONTape) -> Int? {
    let entry = slots[slot(of: key, in: text)]
    return entry == 0 ? nil : Int(entry)
  }

  /// The slot of a key, or the free slot for it.
  private func slot(of key: UnsafeBufferPointer<UInt8>, in text: JSONTape) -> Int {
    var slot = Int((UInt64(Self.hash(key)) &* UInt64(slots.count)) >> 32)
    while slots[slot] != 0, !text.isKey(Int(slots[slot]), equalTo: key) {
      slot = slot + 1 == slots.count ? 0 : slot + 1
    }
    return slot
  }

  /// Seeded per process, so that a malicious file cannot cause collisions.
  private static func hash(_ key: UnsafeBufferPointer<UInt8>) -> UInt32 {
    var hasher = Hasher()
    hasher.combine(bytes: UnsafeRawBufferPointer(key))
    return UInt32(truncatingIfNeeded: hasher.finalize())
  }

  private static func requireDifferentKeys(
    of object: Int, in text: JSONTape
  ) throws(JSONError) {
    let first = text.firstElement(of: object)
    let end = text.end(of: object)
    var index = first
    while index < end {
      var other = first
      while other < index {
        if text.withKey(other, { text.isKey(index, equalTo: $0) }) {
          throw duplicate(index, text)
        }
        other = text.end(of: other + 1)
      }
      index = text.end(of: index + 1)
    }
  }

  private static func duplicate(_ index: Int, _ text: JSONTape) -> JSONError {
    let position = text.position(index)
    return JSONError(
      offset: position, reason: "duplicate key \(quoted(text.string(at: position)))")
  }
}
