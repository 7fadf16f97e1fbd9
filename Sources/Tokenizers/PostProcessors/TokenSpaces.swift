/// The white space at the ends of each token of a vocabulary.
struct TokenSpaces: Sendable {
  /// How many scalars of white space, written as "Ġ" or not, a token starts and ends with.
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

  /// By id, for the ids below a few times the number of tokens.
  private let table: [Spaces]
  private let vocabulary: TokenVocabulary

  /// - Complexity: O(tokens of the vocabulary), whatever their ids are.
  init(_ vocabulary: TokenVocabulary) {
    self.vocabulary = vocabulary
    let count = min(vocabulary.idBound, 4 * vocabulary.count)
    table = (0..<Int32(count)).map { Spaces(vocabulary.token(of: $0) ?? "") }
  }

  subscript(id: Int32) -> Spaces {
    table.indices.contains(Int(id)) ? table[Int(id)] : Spaces(vocabulary.token(of: id) ?? "")
  }
}
