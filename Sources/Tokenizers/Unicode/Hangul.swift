/// The arithmetic decomposition and composition of Hangul syllables.
///
/// - Source: The Unicode Standard, section 3.12.
enum Hangul {
  static let syllables: Range<UInt32> = 0xAC00..<0xAC00 + 11_172

  private static let leading: UInt32 = 0x1100
  private static let vowel: UInt32 = 0x1161
  private static let trailing: UInt32 = 0x11A7
  private static let leadingCount: UInt32 = 19
  private static let vowelCount: UInt32 = 21
  private static let trailingCount: UInt32 = 28

  /// The two or three letters of a syllable; the third is nil if there are two.
  static func decomposition(_ syllable: UInt32) -> (UInt32, UInt32, UInt32?) {
    let index = syllable - syllables.lowerBound
    let last = index % trailingCount
    return (
      leading + index / (vowelCount * trailingCount),
      vowel + index % (vowelCount * trailingCount) / trailingCount,
      last == 0 ? nil : trailing + last
    )
  }

  /// Composes two letters, or a syllable of two letters and a third letter; nil if they do not compose.
  static func composition(_ first: UInt32, _ second: UInt32) -> UInt32? {
    if first >= leading, first < leading + leadingCount, second >= vowel,
      second < vowel + vowelCount
    {
      let index = (first - leading) * vowelCount + (second - vowel)
      return syllables.lowerBound + index * trailingCount
    }
    if syllables.contains(first), (first - syllables.lowerBound) % trailingCount == 0,
      second > trailing, second < trailing + trailingCount
    {
      return first + (second - trailing)
    }
    return nil
  }
}
