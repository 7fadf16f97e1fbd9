/// Builds the `MergeTable` of a model from merges in the order of their ranks.
struct MergeBuilder {
  private(set) var table: MergeTable
  /// Whether a merge joins a "▁" at the start of its right token to another character.
  private(set) var joinsSpaces = false
  private let vocabulary: ModelVocabulary
  private let path: String
  private let continuingPrefix: String
  private var rank = 0
  private var merged: [UInt8] = []
  private var cancellation = CancellationSteps()

  /// - Parameters:
  ///   - capacity: the number of merges.
  ///   - continuingPrefix: precedes the right token of each merge, but not in the merged token.
  /// - Throws: `ModelError.tokenizer` for too many merges.
  init(
    vocabulary: ModelVocabulary, capacity: Int, continuingPrefix: String? = nil, path: String
  ) throws(ModelError) {
    guard capacity <= MergeTable.rankLimit else {
      throw .tokenizer(
        path: path, reason: "\(capacity) merges, the limit is \(MergeTable.rankLimit)")
    }
    table = MergeTable(capacity: capacity)
    self.vocabulary = vocabulary
    self.continuingPrefix = continuingPrefix ?? ""
    self.path = path
  }

  /// Whether the current task is cancelled, so that no more merges are needed.
  mutating func isCancelled() -> Bool { cancellation.isRequested() }

  /// Adds the merge of two tokens. Its rank is the number of merges before it.
  ///
  /// - Throws: `ModelError.tokenizer` with the rank if the vocabulary lacks one of the tokens or the merged token, or
  ///   if the right token does not start with the continuing prefix.
  mutating func add(_ left: Span<UInt8>, _ right: Span<UInt8>) throws(ModelError) {
    let leftID = try id(of: left, left, right)
    let rightID = try id(of: right, left, right)
    let prefixLength = continuingPrefix.utf8.count
    guard right.count >= prefixLength,
      right.count == prefixLength || right[prefixLength] & 0xC0 != 0x80
    else {
      throw .tokenizer(
        path: path,
        reason: "merge \(rank): \(quoted(Self.string(right))) does not start with the "
          + "continuing prefix \(quoted(continuingPrefix))")
    }
    merged.removeAll(keepingCapacity: true)
    for index in left.indices { merged.append(left[index]) }
    for index in prefixLength..<right.count { merged.append(right[index]) }
    let newID = try id(of: merged.span, left, right)
    if Self.hasSpace(right, at: 0), !Self.hasSpace(left, at: left.count - 3) { joinsSpaces = true }
    table.insert(leftID, rightID, rank: rank, newID: newID)
    rank += 1
  }

  /// Adds a merge whose three tokens are in the vocabulary, without a continuing prefix.
  mutating func add(
    _ left: Span<UInt8>, _ right: Span<UInt8>, ids: (left: Int32, right: Int32, new: Int32)
  ) {
    if Self.hasSpace(right, at: 0), !Self.hasSpace(left, at: left.count - 3) { joinsSpaces = true }
    table.insert(ids.left, ids.right, rank: rank, newID: ids.new)
    rank += 1
  }

  private func id(
    of token: Span<UInt8>, _ left: Span<UInt8>, _ right: Span<UInt8>
  ) throws(ModelError) -> Int32 {
    let id = vocabulary.id(of: token)
    guard id != ModelVocabulary.none else {
      throw .tokenizer(
        path: path,
        reason: "merge \(rank) of \(quoted(Self.string(left))) and \(quoted(Self.string(right))): "
          + "the token \(quoted(Self.string(token))) is missing from the vocabulary")
    }
    return id
  }

  private static func string(_ bytes: Span<UInt8>) -> String {
    String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self)
  }

  /// Whether "▁" is at `index`.
  private static func hasSpace(_ bytes: Span<UInt8>, at index: Int) -> Bool {
    index >= 0 && index + 3 <= bytes.count && bytes[index] == 0xE2 && bytes[index + 1] == 0x96
      && bytes[index + 2] == 0x81
  }
}
