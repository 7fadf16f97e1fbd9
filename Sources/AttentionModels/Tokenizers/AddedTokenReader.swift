/// Reads the section `added_tokens`.
enum AddedTokenReader {
  /// Longer ones would make looking for them slow; published ones stay below a hundred bytes.
  private static let lengthLimit = 1024

  static func tokens(
    _ file: ConfigurationReader, vocabulary: ModelVocabulary
  ) throws(ModelError) -> [AddedToken] {
    guard file.value("added_tokens") != nil else { return [] }
    var list = AddedTokenList(vocabulary: vocabulary, path: file.path)
    for entry in try file.nestedArray("added_tokens") {
      let content = try entry.string("content")
      guard content.utf8.count <= lengthLimit else {
        throw entry.failure(
          "\(entry.name(of: "content")): longer than \(lengthLimit) bytes")
      }
      let id = try entry.integer("id", in: 0...ModelVocabulary.idLimit - 1)
      guard !content.isEmpty else { continue }
      let token = try AddedToken(
        content: content, id: Int32(id),
        isSingleWord: entry.boolean("single_word"), stripsLeft: entry.boolean("lstrip"),
        stripsRight: entry.boolean("rstrip"), isNormalized: entry.boolean("normalized"),
        isSpecial: entry.boolean("special"))
      // Each would take all white space up to the next word along: quadratic in its length.
      if token.stripsRight, let first = content.unicodeScalars.first,
        UnicodeData.shared[first.value].properties.contains(.whitespace)
      {
        throw entry.unsupported(
          "added token", "\(content.debugDescription): rstrip with white space at its start",
          supported: [])
      }
      try list.append(token)
    }
    return list.tokens
  }
}

/// Added tokens, each with the id that the reference library gives it whatever its file says: that
/// of the model's vocabulary or else the next one that is free.
struct AddedTokenList {
  private(set) var tokens: [AddedToken] = []
  private let vocabulary: ModelVocabulary
  private let path: String
  private var ids: Set<Int32> = []
  /// As bytes, since canonically equivalent strings are different tokens.
  private var contents: Set<[UInt8]> = []
  private var largestID: Int32 = -1

  init(vocabulary: ModelVocabulary, path: String) {
    self.vocabulary = vocabulary
    self.path = path
  }

  /// The id that a token not yet in the list will have.
  func nextID(for content: String) -> Int32 {
    vocabulary.id(of: content) ?? max(largestID + 1, Int32(vocabulary.count))
  }

  /// - Throws: `ModelError.tokenizer` where the token's id is not the one it must have, or taken.
  mutating func append(_ token: AddedToken) throws(ModelError) {
    let name = token.content.debugDescription
    guard contents.insert(Array(token.content.utf8)).inserted else {
      throw .tokenizer(
        path: path, reason: "the added token \(name) stands twice, with id \(token.id)")
    }
    let expected = nextID(for: token.content)
    guard token.id == expected else {
      throw .tokenizer(
        path: path, reason: "id \(token.id) of the added token \(name): expected \(expected)")
    }
    let owner = vocabulary.token(of: token.id)
    let isOwner = owner.map { $0.utf8.elementsEqual(token.content.utf8) } ?? true
    guard isOwner, ids.insert(token.id).inserted else {
      throw .tokenizer(
        path: path, reason: "duplicate id \(token.id) of the added token \(name)")
    }
    largestID = max(largestID, token.id)
    tokens.append(token)
  }
}
