/// The pieces of a SentencePiece model, by id.
struct SentencePieces {
  enum Kind: Int32 {
    case normal = 1
    case unknown, control, userDefined, unused, byte
  }

  private(set) var texts: ByteStrings
  private(set) var scores: [Float] = []
  private(set) var kinds: [Kind] = []

  /// An empty list with room for `count` pieces of `byteCount` bytes in total.
  init(count: Int, byteCount: Int) {
    texts = ByteStrings(count: count, byteCount: byteCount)
    scores.reserveCapacity(count)
    kinds.reserveCapacity(count)
  }

  var count: Int { kinds.count }

  var isEmpty: Bool { kinds.isEmpty }

  mutating func append(_ text: String, score: Float, kind: Kind) {
    texts.append(text.utf8)
    scores.append(score)
    kinds.append(kind)
  }

  func text(at id: Int) -> String { texts.string(at: id) }

  /// The ids of the pieces of a kind.
  func ids(of kind: Kind) -> [Int] { kinds.indices.filter { kinds[$0] == kind } }
}
