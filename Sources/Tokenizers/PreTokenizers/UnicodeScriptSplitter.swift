/// Splits text where the script changes.
///
/// Spaces and other scalars without a script belong to the word before them. As in Hugging Face
/// tokenizers, such scalars before the first word are removed.
struct UnicodeScriptSplitter: PreTokenizer {
  /// The script number of each scalar; 0: no script.
  private static let numbers: ScalarTable = {
    var result = ScalarTable()
    for (range, number) in UnicodeTableReader.classes(UnicodeScriptTables.numbers) {
      result.update(range) { _ in UInt16(number) }
    }
    return result
  }()

  func split(_ words: inout PreTokenizedText) {
    let numbers = Self.numbers
    words.cut { bytes, piece, emit in
      var start: Int?
      var script: UInt16 = 0
      var index = piece.lowerBound
      var cancellation = CancellationSteps()
      while index < piece.upperBound, !cancellation.isRequested() {
        let (scalar, count) = decodeScalar(bytes, at: index)
        let number = numbers[scalar]
        if number != 0, number != script {
          if let start { emit(start..<index) }
          start = index
          script = number
        }
        index += count
      }
      if let start { emit(start..<piece.upperBound) }
    }
  }
}
