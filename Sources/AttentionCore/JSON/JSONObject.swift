/// The members of a JSON object in the order of the file, with lookup by key.
///
/// Keys are equal if their UTF-8 bytes are equal. `String` would treat "é" as one scalar and "e" with a
/// combining accent as equal keys.
package struct JSONObject: Sendable {
  package struct Member: Sendable {
    package let key: String
    package let value: JSON
  }

  package private(set) var members: [Member] = []
  /// A hash table with open addressing: half of the key's hash, and its index in `members` + 1; 0 for a
  /// free slot. Empty for small objects, in which comparing all keys is faster.
  private var slots: [UInt64] = []

  private static let linearLimit = 8

  package init() {}

  package var count: Int { members.count }

  package var keys: some Collection<String> { members.lazy.map(\.key) }

  /// The value of the member `key`, which may be `.null`; nil if there is no such member.
  package subscript(key: String) -> JSON? {
    index(of: key).map { members[$0].value }
  }

  /// Appends a member; returns false if the object already has the key.
  package mutating func insert(_ value: JSON, forKey key: String) -> Bool {
    if slots.isEmpty {
      if index(of: key) != nil { return false }
      if members.isEmpty { members.reserveCapacity(4) }
      members.append(Member(key: key, value: value))
      if members.count > Self.linearLimit { buildSlots() }
      return true
    }
    let hash = Self.hash(key)
    let slot = findSlot(of: key, hash)
    guard slots[slot] == 0 else { return false }
    members.append(Member(key: key, value: value))
    slots[slot] = Self.entry(hash, members.count - 1)
    if members.count * 2 > slots.count { enlargeSlots() }
    return true
  }

  private func index(of key: String) -> Int? {
    if slots.isEmpty {
      return members.firstIndex { Self.sameBytes($0.key, key) }
    }
    let entry = slots[findSlot(of: key, Self.hash(key))]
    return entry == 0 ? nil : Self.index(entry)
  }

  private func findSlot(of key: String, _ hash: UInt32) -> Int {
    let mask = slots.count - 1
    var slot = Int(hash) & mask
    while slots[slot] != 0 {
      let entry = slots[slot]
      if entry >> 32 == hash, Self.sameBytes(members[Self.index(entry)].key, key) { break }
      slot = (slot + 1) & mask
    }
    return slot
  }

  private mutating func buildSlots() {
    slots = [UInt64](repeating: 0, count: 32)
    for (index, member) in members.enumerated() { place(Self.entry(Self.hash(member.key), index)) }
  }

  private mutating func enlargeSlots() {
    let old = slots
    slots = [UInt64](repeating: 0, count: old.count * 4)
    for entry in old where entry != 0 { place(entry) }
  }

  private mutating func place(_ entry: UInt64) {
    var slot = Int(entry >> 32) & (slots.count - 1)
    while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
    slots[slot] = entry
  }

  private static func entry(_ hash: UInt32, _ index: Int) -> UInt64 {
    UInt64(hash) << 32 | UInt64(index + 1)
  }

  private static func index(_ entry: UInt64) -> Int { Int(entry & 0xFFFF_FFFF) - 1 }

  /// Seeded per process, so that a malicious file cannot cause collisions.
  private static func hash(_ key: String) -> UInt32 {
    var key = key
    var hasher = Hasher()
    key.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    return UInt32(truncatingIfNeeded: hasher.finalize())
  }

  /// `==` is not needed for the result, but rejects most different strings faster.
  private static func sameBytes(_ left: String, _ right: String) -> Bool {
    left == right && left.utf8.elementsEqual(right.utf8)
  }
}
