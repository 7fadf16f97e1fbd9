/// The tokens of a model and their ids, which may have gaps.
struct ModelVocabulary: Sendable {
  /// All ids are less than this limit. Published vocabularies are far smaller; a larger id means a damaged or
  /// hostile file.
  static let idLimit = 1 << 24

  /// The largest sum of the lengths of all tokens in bytes: a trie takes up to 40 bytes of memory for each.
  /// Published vocabularies have up to 3 MB.
  private static let textLimit = 1 << 24

  /// The id of each token, by its bytes.
  let trie: ByteTrie
  /// Ascending.
  private let ids: [Int32]
  private let tokens: [String]

  /// If a token occurs more than once, its last id counts.
  ///
  /// - Throws: `ModelError.tokenizer` if two tokens have the same id, or the tokens are too long.
  init(_ entries: [(token: String, id: Int32)], path: String) throws(ModelError) {
    let length = entries.reduce(0) { $0 + $1.token.utf8.count }
    guard length <= Self.textLimit else {
      throw .tokenizer(
        path: path,
        reason: "vocabulary: \(entries.count) tokens of \(length) bytes in total, the limit is "
          + "\(Self.textLimit)")
    }
    var trie = ByteTrie()
    var cancellation = CancellationSteps()
    for entry in entries.reversed() where !entry.token.isEmpty {
      if cancellation.isRequested() { break }
      _ = trie.insert(entry.token.utf8, value: entry.id)
    }
    let sorted = entries.sorted { $0.id < $1.id }
    for (left, right) in zip(sorted, sorted.dropFirst()) where left.id == right.id {
      throw .tokenizer(
        path: path,
        reason: "duplicate id \(left.id) of the tokens \(quoted(left.token)) and "
          + quoted(right.token))
    }
    self.trie = trie
    ids = sorted.map(\.id)
    tokens = sorted.map(\.token)
  }

  var count: Int { ids.count }

  /// All tokens with their ids, by ascending id.
  var entries: some Sequence<(String, Int32)> { zip(tokens, ids) }

  func id(of token: String) -> Int32? {
    let id = trie.value(of: token.utf8)
    return id == ByteTrie.none ? nil : id
  }

  func token(of id: Int32) -> String? {
    if ids.indices.contains(Int(id)), ids[Int(id)] == id { return tokens[Int(id)] }
    var low = 0
    var high = ids.count
    while low < high {
      let middle = (low + high) / 2
      if ids[middle] < id { low = middle + 1 } else { high = middle }
    }
    return low < ids.count && ids[low] == id ? tokens[low] : nil
  }

  /// The largest id plus one.
  var idBound: Int { ids.last.map { Int($0) + 1 } ?? 0 }
}
