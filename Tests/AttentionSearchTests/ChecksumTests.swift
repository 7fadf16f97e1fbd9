import Testing

@testable import AttentionSearch

@Suite struct ChecksumTests {
  private func checksum(_ text: String) -> UInt64 { Checksum.of(Array(text.utf8)) }

  // The results of the reference implementation of XXH64 with seed 0.
  @Test func `The checksum is XXH64`() {
    #expect(checksum("") == 0xEF46_DB37_51D8_E999)
    #expect(checksum("a") == 0xD24E_C4F1_A98C_6E5B)
    #expect(checksum("abc") == 0x44BC_2CF5_AD77_0999)
    #expect(
      checksum("Nobody inspects the spammish repetition") == 0xFBCE_A83C_8A37_8BF1)
  }

  @Test func `Every flipped bit changes the checksum`() {
    for count in [1, 7, 8, 31, 32, 33, 100] {
      let bytes = (0..<count).map { UInt8($0 & 0xFF) }
      let original = Checksum.of(bytes)
      for bit in 0..<8 * count {
        var changed = bytes
        changed[bit / 8] ^= 1 << UInt8(bit % 8)
        #expect(Checksum.of(changed) != original)
      }
    }
  }
}
