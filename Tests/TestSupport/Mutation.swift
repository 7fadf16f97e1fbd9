extension [UInt8] {
  /// A copy with a few bytes changed, removed, duplicated or inserted. Most of the new bytes have a
  /// meaning in headers.
  package func mutated(using generator: inout SeededGenerator) -> [UInt8] {
    var bytes = self
    for _ in 0..<Int.random(in: 1...4, using: &generator) {
      guard let position = bytes.indices.randomElement(using: &generator) else { break }
      switch Int.random(in: 0..<7, using: &generator) {
      case 0: bytes[position] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      case 1: bytes[position] = UInt8.random(in: 0...255, using: &generator)
      case 2: bytes.remove(at: position)
      case 3: bytes.insert(bytes[position], at: position)
      case 4: bytes.removeSubrange(position...)
      case 5:
        let end = Swift.min(position + Int.random(in: 1...12, using: &generator), bytes.count)
        let piece = Array(bytes[position..<end])
        bytes.insert(contentsOf: piece, at: bytes.indices.randomElement(using: &generator) ?? 0)
      default:
        let telling = Array("\"'{}[](),:-0912345678eELTF<>|. \0\\u".utf8)
        bytes[position] = telling.randomElement(using: &generator) ?? 0
      }
    }
    return bytes
  }
}
