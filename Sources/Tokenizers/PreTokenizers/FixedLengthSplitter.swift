/// Cuts text into parts of one length.
struct FixedLengthSplitter: PreTokenizer {
  /// How many scalars a part has; the last one may have less.
  let length: Int

  func split(_ words: inout PreTokenizedText) {
    words.cut { bytes, piece, emit in
      var start = piece.lowerBound
      var count = 0
      for index in piece where bytes[index] & 0xC0 != 0x80 {
        if count == length {
          emit(start..<index)
          start = index
          count = 0
        }
        count += 1
      }
      if start < piece.upperBound { emit(start..<piece.upperBound) }
    }
  }
}
