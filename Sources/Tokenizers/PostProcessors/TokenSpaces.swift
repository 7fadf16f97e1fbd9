/// The amount of white space at the start and end of each token of a vocabulary.
struct TokenSpaces: Sendable {
  /// Numbers of leading and trailing white-space scalars of a token; "Ġ" counts as white space.
  struct Spaces: Sendable {
    var leading = 0
    var trailing = 0

    init(leading: Int, trailing: Int) {
      self.leading = leading
      self.trailing = trailing
    }

    /// - Parameter token: UTF-8.
    init(_ token: some RandomAccessCollection<UInt8>) {
      let bytes = Array(token)
      var index = 0
      while index < bytes.count {
        let (scalar, count) = decodeScalar(bytes, at: index)
        guard Self.isSpace(scalar) else { break }
        leading += 1
        index += count
      }
      var end = bytes.count
      while end > 0 {
        let start = startOfScalar(bytes, endingAt: end)
        guard Self.isSpace(decodeScalar(bytes, at: start).scalar) else { break }
        trailing += 1
        end = start
      }
    }

    private static func isSpace(_ scalar: UInt32) -> Bool {
      scalar == 0x120 || TextClasses.shared[scalar].contains(.space)
    }
  }

  /// The two numbers of each id below 4 · number of tokens, in four bits each; `computed` if a number does not fit. The
  /// entries of larger ids are computed on each access, because a vocabulary with gaps would need a very large
  /// table.
  private let table: [UInt8]
  private let vocabulary: TokenVocabulary

  private static let computed: UInt8 = 0xFF

  /// - Complexity: O(number of tokens), regardless of their ids.
  init(_ vocabulary: TokenVocabulary) {
    self.vocabulary = vocabulary
    let count = min(vocabulary.idBound, 4 * vocabulary.count)
    table = (0..<Int32(count)).map {
      let spaces = Self.spaces(of: $0, vocabulary)
      guard spaces.leading < 15, spaces.trailing < 15 else { return Self.computed }
      return UInt8(spaces.leading << 4 | spaces.trailing)
    }
  }

  var byteCount: Int { table.count }

  subscript(id: Int32) -> Spaces {
    guard table.indices.contains(Int(id)), table[Int(id)] != Self.computed else {
      return Self.spaces(of: id, vocabulary)
    }
    let entry = Int(table[Int(id)])
    return Spaces(leading: entry >> 4, trailing: entry & 15)
  }

  private static func spaces(of id: Int32, _ vocabulary: TokenVocabulary) -> Spaces {
    Spaces(vocabulary.bytes(of: id) ?? [])
  }
}
