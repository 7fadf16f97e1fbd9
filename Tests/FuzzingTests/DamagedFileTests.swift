import Fuzzing
import TestSupport
import Testing

/// Every prefix and every changed bit of small files: each is refused, or read without contradictions.
@Suite struct DamagedFileTests {
  private func isAccepted(_ bytes: [UInt8], _ session: FuzzSession) throws -> Bool {
    if case .accepted = try session.run(bytes) { true } else { false }
  }

  @Test(
    .hangLimit,
    arguments: [
      (FuzzTarget.safetensors, "accepted-two"), (.safetensors, "accepted-empty"),
      (.configuration, "accepted-bert"), (.configuration, "accepted-gemma2"),
      (.configuration, "accepted-t5"), (.configuration, "accepted-albert-sequence"),
      (.tokenizer, "accepted-wordpiece"),
      (.tokenizer, "accepted-unigram"), (.tokenizer, "accepted-bpe"), (.npy, "accepted-float"),
      (.npy, "accepted-double"),
    ])
  func `every prefix of a file is refused`(target: FuzzTarget, name: String) throws {
    let session = try FuzzSession(target)
    let whole = try Corpora.input(name, of: target)
    #expect(try isAccepted(whole, session))
    for count in 0..<whole.count {
      #expect(try !isAccepted(Array(whole[..<count]), session), "\(count) of \(whole.count) bytes")
    }
  }

  @Test(
    .hangLimit,
    arguments: [
      // The package safetensors accepts as many.
      (FuzzTarget.safetensors, "accepted-two", 336), (.safetensors, "accepted-empty", 184),
      // NumPy also accepts `|f4`, and a form feed for a comma.
      (.npy, "accepted-float", 194), (.npy, "accepted-double", 386),
      (.configuration, "accepted-bert", nil), (.configuration, "accepted-gemma2", nil),
      (.configuration, "accepted-albert-sequence", nil),
      (.tokenizer, "accepted-wordpiece", nil), (.tokenizer, "accepted-bpe", nil),
    ] as [(FuzzTarget, String, Int?)])
  func `a file with a changed bit is refused, or its result is consistent`(
    target: FuzzTarget, name: String, expected: Int?
  ) throws {
    let session = try FuzzSession(target)
    var bytes = try Corpora.input(name, of: target)
    var acceptedCount = 0
    for index in bytes.indices {
      for bit in 0..<8 {
        bytes[index] ^= 1 << bit
        if try isAccepted(bytes, session) { acceptedCount += 1 }
        bytes[index] ^= 1 << bit
      }
    }
    if let expected { #expect(acceptedCount == expected) }
    #expect(0 < acceptedCount && acceptedCount < 8 * bytes.count)
  }
}
