/// Added tokens with their ids, which follow from the order in which they are added.
///
/// A token of the model's vocabulary keeps its id. Any other gets the next one after the vocabulary and
/// the tokens before it, whatever id its file states: where the ids of a vocabulary have gaps, two tokens
/// may share an id. A token that is added again keeps its id and takes the new flags.
///
/// - Source: `AddedVocabulary::add_tokens` of the tokenizers library.
struct AddedTokenList {
  private(set) var tokens: [AddedToken] = []
  private let vocabulary: ModelVocabulary
  private let path: String
  /// Places in `tokens`, by bytes: strings that are canonically equivalent are different tokens.
  private var places: [[UInt8]: Int] = [:]
  private var largestID: Int32 = -1

  init(vocabulary: ModelVocabulary, path: String) {
    self.vocabulary = vocabulary
    self.path = path
  }

  subscript(content: String) -> AddedToken? { places[Array(content.utf8)].map { tokens[$0] } }

  /// Adds a token, or changes the flags of the one that is there; an empty token is skipped.
  ///
  /// A token that was special once stays special.
  ///
  /// - Throws: `ModelError.tokenizer` where all ids are taken.
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
        reason: "no free id for the added token \(printable(token.content).debugDescription): "
          + "the largest is \(ModelVocabulary.idLimit - 1)")
    }
    largestID = max(largestID, token.id)
    places[bytes] = tokens.count
    tokens.append(token)
  }
}
