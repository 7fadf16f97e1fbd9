/// The members of a JSON object in the file's order, with look-up by key.
///
/// Keys are equal when their UTF-8 bytes are, unlike `String`, for which "é" as one scalar and as
/// "e" with a combining accent are the same.
package struct JSONObject: Sendable {
  package struct Member: Sendable {
    package let key: String
    package let value: JSON
  }

  package private(set) var members: [Member] = []
  /// Open addressing over `members`: index + 1, or 0 for a free slot. Empty while the object is
  /// small enough that comparing all keys is faster.
  private var slots: [UInt32] = []

  private static let linearLimit = 8

  package init() {}

  package var count: Int { members.count }

  package var keys: some Collection<String> { members.lazy.map(\.key) }

  /// The value of the member called `key`, which may be `.null`; nil where there is no such member.
  package subscript(key: String) -> JSON? {
    index(of: key).map { members[$0].value }
  }

  /// Appends a member, or returns false where the key is there already.
  package mutating func insert(_ value: JSON, forKey key: String) -> Bool {
    if slots.isEmpty {
      if index(of: key) != nil { return false }
      members.append(Member(key: key, value: value))
      if members.count > Self.linearLimit { rebuildSlots() }
      return true
    }
    let slot = findSlot(of: key)
    guard slots[slot] == 0 else { return false }
    members.append(Member(key: key, value: value))
    slots[slot] = UInt32(truncatingIfNeeded: members.count)
    if members.count * 2 > slots.count { rebuildSlots() }
    return true
  }

  private func index(of key: String) -> Int? {
    if slots.isEmpty {
      return members.firstIndex { Self.sameBytes($0.key, key) }
    }
    let entry = slots[findSlot(of: key)]
    return entry == 0 ? nil : Int(entry) - 1
  }

  private func findSlot(of key: String) -> Int {
    let mask = slots.count - 1
    var slot = Self.hash(key) & mask
    while slots[slot] != 0, !Self.sameBytes(members[Int(slots[slot]) - 1].key, key) {
      slot = (slot + 1) & mask
    }
    return slot
  }

  private mutating func rebuildSlots() {
    let mask = max(32, members.count * 4).nextPowerOfTwo - 1
    slots = [UInt32](repeating: 0, count: mask + 1)
    for (index, member) in members.enumerated() {
      var slot = Self.hash(member.key) & mask
      while slots[slot] != 0 { slot = (slot + 1) & mask }
      slots[slot] = UInt32(truncatingIfNeeded: index + 1)
    }
  }

  /// Seeded per process, so that a file cannot be made to collide on purpose.
  private static func hash(_ key: String) -> Int {
    var key = key
    var hasher = Hasher()
    key.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    return hasher.finalize()
  }

  private static func sameBytes(_ left: String, _ right: String) -> Bool {
    left.utf8.count == right.utf8.count && left.utf8.elementsEqual(right.utf8)
  }
}

extension Int {
  /// The smallest power of two that is not below this positive number.
  fileprivate var nextPowerOfTwo: Int {
    1 << (Int.bitWidth - (self - 1).leadingZeroBitCount)
  }
}
