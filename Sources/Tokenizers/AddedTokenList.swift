/// Assigns ids to added tokens, in the order in which they are added.
///
/// A token in the model's vocabulary keeps its id. Any other token gets the id
/// max(size of the vocabulary, largest id of the tokens added before + 1); the id in the file is ignored.
/// If the vocabulary's ids have gaps, two tokens may share an id. Adding a token again keeps its id and
/// replaces its flags.
///
/// - Source: `AddedVocabulary::add_tokens` of the tokenizers library.
struct AddedTokenList {
  private(set) var tokens: [AddedToken] = []
  private let vocabulary: ModelVocabulary
  private let path: String
  /// Index in `tokens` of each token, by its UTF-8: canonically equivalent strings are different tokens.
  private var places: [[UInt8]: Int] = [:]
  private var largestID: Int32 = -1

  init(vocabulary: ModelVocabulary, path: String) {
    self.vocabulary = vocabulary
    self.path = path
  }

  subscript(content: String) -> AddedToken? { places[Array(content.utf8)].map { tokens[$0] } }

  /// Adds a token, or replaces the flags of an existing one. Skips an empty token.
  ///
  /// A special token stays special, even if the new flags say that it is not.
  ///
  /// - Throws: `ModelError.tokenizer` if no id is free.
  mutating func add(_ token: AddedToken) throws(ModelError) {
    var token = token
    let bytes = Array(token.content.utf8)
    guard !bytes.isEmpty else { return }
    if let place = places[bytes] {
      token.id = tokens[place].id
      token.isSpecial = token.isSpecial || tokens[place].isSpecial
      tokens[place] = token
      return
    }
    token.id =
      vocabulary.id(of: token.content) ?? max(largestID + 1, Int32(vocabulary.count))
    guard Int(token.id) < ModelVocabulary.idLimit else {
      throw .tokenizer(
        path: path,
        reason: "no free id for the added token \(quoted(token.content)): "
          + "the largest id is \(ModelVocabulary.idLimit - 1)")
    }
    largestID = max(largestID, token.id)
    places[bytes] = tokens.count
    tokens.append(token)
  }
}
