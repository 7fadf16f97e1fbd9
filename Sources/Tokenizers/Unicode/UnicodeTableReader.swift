/// Reads the generated tables: words separated by white space; each word is a list of hexadecimal numbers
/// separated by signs.
enum UnicodeTableReader {
  /// Words `first-last` or `scalar`.
  static func ranges(_ table: StaticString) -> [ClosedRange<UInt32>] {
    words(of: table).compactMap { word in
      guard let first = word.numbers.first, let last = word.numbers.last else { return nil }
      return first...last
    }
  }

  /// Words `class:first-last` or `class:scalar`.
  static func classes(_ table: StaticString) -> [(ClosedRange<UInt32>, UInt8)] {
    words(of: table).compactMap { word in
      guard word.numbers.count >= 2, let last = word.numbers.last else { return nil }
      return (word.numbers[1]...last, UInt8(word.numbers[0]))
    }
  }

  /// Words `first-last±delta` or `scalar±delta`; `first-last/2±delta` for every second scalar.
  static func deltas(_ table: StaticString) -> [(UInt32, [UInt32])] {
    words(of: table).flatMap { word -> [(UInt32, [UInt32])] in
      guard word.numbers.count >= 2, let delta = word.numbers.last else { return [] }
      let offset = word.signs.last == UInt8(ascii: "-") ? -Int(delta) : Int(delta)
      let isRange = word.numbers.count > 2
      let step = word.signs.contains(UInt8(ascii: "/")) ? 2 : 1
      let last = isRange ? word.numbers[1] : word.numbers[0]
      return stride(from: Int(word.numbers[0]), through: Int(last), by: step)
        .map { (UInt32($0), [UInt32($0 + offset)]) }
    }
  }

  /// Words `scalar=first+second+…`.
  static func mappings(_ table: StaticString) -> [(UInt32, [UInt32])] {
    words(of: table).map { ($0.numbers[0], Array($0.numbers.dropFirst())) }
  }

  /// Words `first+second=composite`.
  static func compositions(_ table: StaticString) -> [UInt64: UInt32] {
    var result: [UInt64: UInt32] = [:]
    for word in words(of: table) where word.numbers.count == 3 {
      result[UInt64(word.numbers[0]) << 32 | UInt64(word.numbers[1])] = word.numbers[2]
    }
    return result
  }

  /// The hexadecimal numbers of one word and the signs between them.
  private struct Word {
    var numbers: [UInt32] = []
    var signs: [UInt8] = []
  }

  private static func words(of table: StaticString) -> [Word] {
    var result: [Word] = []
    var word = Word()
    var number: UInt32?
    func endNumber() {
      if let value = number { word.numbers.append(value) }
      number = nil
    }
    func endWord() {
      endNumber()
      if !word.numbers.isEmpty { result.append(word) }
      word = Word()
    }
    for byte in table.description.utf8 {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        number = (number ?? 0) << 4 | UInt32(byte - UInt8(ascii: "0"))
      case UInt8(ascii: "A")...UInt8(ascii: "F"):
        number = (number ?? 0) << 4 | UInt32(byte - UInt8(ascii: "A") + 10)
      case UInt8(ascii: " "), UInt8(ascii: "\n"):
        endWord()
      default:
        endNumber()
        word.signs.append(byte)
      }
    }
    endWord()
    return result
  }
}
