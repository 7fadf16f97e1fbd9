/// The amount of white space at the start and end of each token of a vocabulary.
struct TokenSpaces: Sendable {
  /// Numbers of leading and trailing white-space scalars of a token; "Ġ" counts as white space.
  struct Spaces: Sendable {
    var leading: UInt16
    var trailing: UInt16

    init(_ token: String) {
      let scalars = token.unicodeScalars
      leading = UInt16(clamping: scalars.prefix(while: Self.isSpace).count)
      trailing = UInt16(clamping: scalars.reversed().prefix(while: Self.isSpace).count)
    }

    private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
      scalar.value == 0x120 || TextClasses.shared[scalar.value].contains(.space)
    }
  }

  /// Entries by id, for ids below 4 · number of tokens. The entries of larger ids are computed on each
  /// access, because a vocabulary with gaps would need a very large table.
  private let table: [Spaces]
  private let vocabulary: TokenVocabulary

  /// - Complexity: O(number of tokens), regardless of their ids.
  init(_ vocabulary: TokenVocabulary) {
    self.vocabulary = vocabulary
    let count = min(vocabulary.idBound, 4 * vocabulary.count)
    table = (0..<Int32(count)).map { Spaces(vocabulary.token(of: $0) ?? "") }
  }

  subscript(id: Int32) -> Spaces {
    table.indices.contains(Int(id)) ? table[Int(id)] : Spaces(vocabulary.token(of: id) ?? "")
  }
}
