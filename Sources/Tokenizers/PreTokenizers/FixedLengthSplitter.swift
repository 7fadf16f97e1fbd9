/// Splits text into parts of equal length.
struct FixedLengthSplitter: PreTokenizer {
  /// Scalars per part; the last part may be shorter.
  let length: Int

  func split(_ words: inout PreTokenizedText) {
    words.cut { bytes, piece, emit in
      var start = piece.lowerBound
      var count = 0
      var cancellation = CancellationSteps()
      for index in piece where bytes[index] & 0xC0 != 0x80 {
        if cancellation.isRequested() { break }
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
