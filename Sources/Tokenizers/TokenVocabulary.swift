/// All tokens of a tokenizer: the model's vocabulary and the added tokens.
///
/// A class, so that encodings share it instead of copying token strings.
final class TokenVocabulary: Sendable {
  let model: ModelVocabulary
  private let added: [Int32: AddedToken]
  private let addedContents: ByteTrie
  /// The number of different tokens.
  let count: Int
  /// One more than the largest id.
  let idBound: Int

  init(model: ModelVocabulary, added: [AddedToken]) {
    self.model = model
    var contents = ByteTrie()
    for token in added { _ = contents.insert(token.content.utf8, value: token.id) }
    addedContents = contents
    self.added = Dictionary(added.map { ($0.id, $0) }, uniquingKeysWith: { _, last in last })
    count = model.count + added.count { model.id(of: $0.content) == nil }
    idBound = max(model.idBound, added.map { Int($0.id) + 1 }.max() ?? 0)
  }

  func id(of token: String) -> Int32? {
    let id = addedContents.value(of: token.utf8)
    return id == ByteTrie.none ? model.id(of: token) : id
  }

  func token(of id: Int32) -> String? {
    added[id]?.content ?? model.token(of: id)
  }
}
