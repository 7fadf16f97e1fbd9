/// The tokens of a model and their ids, which may have gaps.
struct ModelVocabulary: Sendable {
  /// All ids are less than this limit. Published vocabularies are far smaller; a larger id means a damaged or
  /// hostile file.
  static let idLimit = 1 << 24
  /// The id of a token that the vocabulary lacks.
  static let none: Int32 = -1

  /// The largest sum of the lengths of all tokens in bytes. Published vocabularies have up to 3 MB.
  private static let textLimit = 1 << 24

  private let trie: ByteTrie
  /// Ascending; empty if the id of each token is its index.
  private let ids: [Int32]

  /// The vocabulary of tokens whose ids are their indices. If a token occurs more than once, its last id counts.
  ///
  /// - Throws: `ModelError.tokenizer` if the tokens are too long.
  init(_ tokens: ByteStrings, path: String) throws(ModelError) {
    try self.init(tokens, sortedIDs: [], path: path)
  }

  /// The vocabulary of tokens with ids.
  ///
  /// - Throws: `ModelError.tokenizer` if two tokens have the same id, or the tokens are too long.
  init(_ tokens: ByteStrings, ids: [Int32], path: String) throws(ModelError) {
    let isDense = ids.indices.allSatisfy { Int(ids[$0]) == $0 }
    guard !isDense else {
      try self.init(tokens, sortedIDs: [], path: path)
      return
    }
    var tokens = tokens
    var ids = ids
    if zip(ids, ids.dropFirst()).contains(where: { $0 >= $1 }) {
      let order = ids.indices.map { UInt64(ids[$0]) << 32 | UInt64($0) }.sorted()
      var sorted = ByteStrings(count: tokens.count, byteCount: tokens.bytes.count)
      for entry in order {
        let range = tokens[Int(entry & 0xFFFF_FFFF)]
        sorted.append(tokens.bytes.span.extracting(range))
      }
      tokens = sorted
      ids = order.map { Int32(truncatingIfNeeded: $0 >> 32) }
    }
    for index in ids.indices.dropFirst() where ids[index - 1] == ids[index] {
      throw .tokenizer(
        path: path,
        reason:
          "duplicate id \(ids[index]) of the tokens \(quoted(tokens.string(at: index - 1))) and "
          + quoted(tokens.string(at: index)))
    }
    let isNowDense = ids.last.map { Int($0) == ids.count - 1 } ?? true
    try self.init(tokens, sortedIDs: isNowDense ? [] : ids, path: path)
  }

  private init(_ tokens: ByteStrings, sortedIDs: [Int32], path: String) throws(ModelError) {
    guard tokens.bytes.count <= Self.textLimit else {
      throw .tokenizer(
        path: path,
        reason:
          "vocabulary: \(tokens.count) tokens of \(tokens.bytes.count) bytes in total, the limit is "
          + "\(Self.textLimit)")
    }
    trie = ByteTrie(tokens, keeping: .last)
    ids = sortedIDs
  }

  var count: Int { trie.strings.count }

  /// The memory of all tables.
  var byteCount: Int { trie.byteCount + MemoryLayout<Int32>.stride * ids.count }

  // MARK: - Tokens by index

  /// The tokens by ascending id.
  var tokens: ByteStrings { trie.strings }

  /// The number of different tokens, without the empty token.
  var differentCount: Int { trie.count }

  /// The id of the token at an index below `count`.
  @inline(__always)
  func id(at index: Int) -> Int32 { ids.isEmpty ? Int32(truncatingIfNeeded: index) : ids[index] }

  /// UTF-8 of the token at an index below `count`.
  func bytes(at index: Int) -> ArraySlice<UInt8> { trie.strings.bytes[trie.strings[index]] }

  func string(at index: Int) -> String { trie.strings.string(at: index) }

  /// The last index of the token at an index: another index only if the token occurs more than once.
  func lastIndex(ofTokenAt index: Int) -> Int? {
    self.index(of: tokens.bytes.span.extracting(tokens[index]))
  }

  /// The index of an id; nil if no token has the id.
  func index(of id: Int32) -> Int? {
    guard !ids.isEmpty else { return (0..<count).contains(Int(id)) ? Int(id) : nil }
    var low = 0
    var high = ids.count
    while low < high {
      let middle = (low + high) / 2
      if ids[middle] < id { low = middle + 1 } else { high = middle }
    }
    return low < ids.count && ids[low] == id ? low : nil
  }

  // MARK: - Tokens by id

  func token(of id: Int32) -> String? { index(of: id).map(string) }

  /// UTF-8 of a token; nil if no token has the id.
  func bytes(of id: Int32) -> ArraySlice<UInt8>? { index(of: id).map(bytes) }

  /// The largest id plus one.
  var idBound: Int { ids.last.map { Int($0) + 1 } ?? count }

  // MARK: - Ids by token

  func id(of token: String) -> Int32? {
    let index = trie.index(of: token.utf8)
    return index == ByteTrie.none ? nil : id(at: Int(index))
  }

  /// The index of a token, the last one if it occurs more than once; nil if the vocabulary lacks it.
  @inline(__always)
  func index(of token: Span<UInt8>) -> Int? {
    let index = trie.index(of: token)
    return index == ByteTrie.none ? nil : Int(index)
  }

  /// The id of a token, or `none`.
  func id(of token: Span<UInt8>) -> Int32 { id(found: trie.index(of: token)) }

  @inline(__always)
  private func id(found index: UInt32) -> Int32 {
    index == ByteTrie.none ? Self.none : id(at: Int(index))
  }

  /// Before the first byte of a token: where a search starts.
  var root: ByteTrie.Place { trie.root }

  /// The place after the bytes of `prefix`: where a search for tokens with this prefix starts.
  func place(after prefix: some Sequence<UInt8>) -> ByteTrie.Place { trie.place(after: prefix) }

  /// The id and the end of the longest token that starts at `start` and ends at or before `end`; `none` and
  /// `start` if there is no match. After a prefix, of a token without the prefix.
  @inline(__always)
  func longestMatch(
    in bytes: Span<UInt8>, from start: Int, to end: Int, after place: ByteTrie.Place
  ) -> (id: Int32, end: Int) {
    let match = trie.longestMatch(in: bytes, from: start, to: end, after: place)
    return (id(found: match.string), match.end)
  }

  /// Calls `body` with the index and the end of each token that starts at `start` and ends at or before `end`, the
  /// shortest first.
  @inline(__always)
  func forEachMatch(
    in bytes: Span<UInt8>, from start: Int, to end: Int, _ body: (Int, Int) -> Void
  ) {
    trie.forEachMatch(in: bytes, from: start, to: end, after: trie.root) { body(Int($0), $1) }
  }
}
