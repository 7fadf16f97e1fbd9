/// Splits text by the kind of each scalar.
struct ScalarClassSplitter: PreTokenizer {
  enum Kind: UInt8, Sendable {
    /// Adjacent scalars of this kind form one word.
    case word
    /// Adjacent scalars of this kind form one word, separate from scalars of the kind `word`.
    case symbols
    /// Each scalar is one word.
    case isolated
    /// Scalars are removed.
    case dropped
  }

  private let asciiKinds: [Kind]
  private let kind: @Sendable (UnicodeData.Properties) -> Kind

  init(_ kind: @escaping @Sendable (UnicodeData.Properties) -> Kind) {
    self.kind = kind
    asciiKinds = (UInt32(0)..<0x80).map { kind(UnicodeData.shared[$0].properties) }
  }

  /// Splits at white space, which is removed; each punctuation mark is a word.
  static let bert = ScalarClassSplitter {
    if $0.contains(.whitespace) { return .dropped }
    return $0.contains(.punctuation) ? .isolated : .word
  }

  /// Words are the matches of `\w+|[^\w\s]+`.
  static let whitespace = ScalarClassSplitter {
    if $0.contains(.word) { return .word }
    return $0.contains(.whitespace) ? .dropped : .symbols
  }

  /// Splits only at white space, which is removed.
  static let whitespaceSplit = ScalarClassSplitter {
    $0.contains(.whitespace) ? .dropped : .word
  }

  func split(_ words: inout PreTokenizedText) {
    let unicode = UnicodeData.shared
    words.cut { bytes, piece, emit in
      var index = piece.lowerBound
      var start = index
      var open = Kind.dropped
      var cancellation = CancellationSteps()
      while index < piece.upperBound, !cancellation.isRequested() {
        let byte = bytes[index]
        let next: Kind
        var count = 1
        if byte < 0x80 {
          next = asciiKinds[Int(byte)]
        } else {
          let decoded = decodeScalar(bytes, at: index)
          next = kind(unicode[decoded.scalar].properties)
          count = decoded.count
        }
        if next != open || next == .isolated {
          if open != .dropped { emit(start..<index) }
          start = index
          open = next
        }
        index += count
      }
      if open != .dropped { emit(start..<index) }
    }
  }
}
