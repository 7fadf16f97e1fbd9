/// All tokens of a tokenizer: the model's vocabulary and the added tokens.
///
/// A class, so that encodings share it instead of copying token strings.
final class TokenVocabulary: Sendable {
  let model: ModelVocabulary
  private let added: [Int32: AddedToken]
  /// The contents of the added tokens, by index.
  private let contents: ByteTrie
  private let contentIDs: [Int32]
  /// The number of different tokens.
  let count: Int
  /// One more than the largest id.
  let idBound: Int

  init(model: ModelVocabulary, added: [AddedToken]) {
    self.model = model
    contents = ByteTrie(ByteStrings(added.map(\.content)), keeping: .first)
    contentIDs = added.map(\.id)
    self.added = Dictionary(added.map { ($0.id, $0) }, uniquingKeysWith: { _, last in last })
    count = model.count + added.count { model.id(of: $0.content) == nil }
    idBound = max(model.idBound, added.map { Int($0.id) + 1 }.max() ?? 0)
  }

  /// The memory of the tables of added tokens, without the model's vocabulary.
  var addedByteCount: Int { contents.byteCount + MemoryLayout<Int32>.stride * contentIDs.count }

  func id(of token: String) -> Int32? {
    let index = contents.index(of: token.utf8)
    return index == ByteTrie.none ? model.id(of: token) : contentIDs[Int(index)]
  }

  func token(of id: Int32) -> String? {
    added[id]?.content ?? model.token(of: id)
  }

  /// UTF-8 of a token; nil if no token has the id.
  func bytes(of id: Int32) -> ArraySlice<UInt8>? {
    added[id].map { Array($0.content.utf8)[...] } ?? model.bytes(of: id)
  }
}
