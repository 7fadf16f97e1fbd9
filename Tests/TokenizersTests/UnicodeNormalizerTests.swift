import Testing

@testable import Tokenizers

/// The rules of composition at their edges.
@Suite struct UnicodeNormalizerTests {
  private func composed(_ scalars: [UInt32]) -> [UInt32] {
    let string = String(
      String.UnicodeScalarView(scalars.compactMap { Unicode.Scalar($0) }))
    var text = NormalizedText(Array(string.utf8)[...], firstScalar: 0)
    UnicodeNormalizer(isCompatible: false, composes: true).normalize(&text)
    return String(decoding: text.bytes, as: UTF8.self).unicodeScalars.map(\.value)
  }

  @Test func `a mark of the same class blocks composition, and one of a lower class does not`() {
    // a, comma above (230), acute (230).
    #expect(composed([0x61, 0x313, 0x301]) == [0x61, 0x313, 0x301])
    // a, cedilla below (202), acute (230).
    #expect(composed([0x61, 0x327, 0x301]) == [0xE1, 0x327])
  }

  @Test func `Hangul syllables take a trailing consonant, not the code point before the first`() {
    #expect(composed([0x1100, 0x1161, 0x11A8]) == [0xAC01])
    #expect(composed([0xAC00, 0x11C2]) == [0xAC1B])
    #expect(composed([0xAC00, 0x11A7]) == [0xAC00, 0x11A7])
    #expect(composed([0xAC00, 0x11C3]) == [0xAC00, 0x11C3])
  }
}
