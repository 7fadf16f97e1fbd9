/// Cuts a word into the tokens whose scores add up to the most.
///
/// best(end) = max over tokens that end there of best(start) + score(token). A scalar that is no
/// token by itself may be unknown, for the lowest score of all less ten. Neighbouring unknown
/// scalars become one token, or the tokens of their bytes where there are such.
///
/// - Source: Kudo 2018, Subword Regularization; the search of SentencePiece.
struct Unigram: TokenModel {
  let vocabulary: ModelVocabulary
  let unknownID: Int32
  private let scores: [Double]
  private let unknownScore: Double
  private let byteIDs: [Int32]?

  /// A score that unknown scalars have below the lowest one.
  private static let unknownPenalty = 10.0
  /// Time is the length of a text times that of the longest token; SentencePiece's have 16 scalars.
  static let tokenLengthLimit = 512

  /// `scores` has one for each token, by its number.
  init(
    vocabulary: ModelVocabulary, scores: [Double], unknownID: Int, fallsBackToBytes: Bool,
    path: String
  ) throws(ModelError) {
    guard scores.indices.contains(unknownID) else {
      throw .tokenizer(
        path: path, reason: "unk_id \(unknownID) is not in the vocabulary of \(scores.count)")
    }
    self.vocabulary = vocabulary
    self.scores = scores
    self.unknownID = Int32(unknownID)
    unknownScore = (scores.min() ?? 0) - Self.unknownPenalty
    byteIDs = fallsBackToBytes ? try ByteTokens.ids(vocabulary, path: path) : nil
  }

  /// The best way to reach a place in a word.
  private struct Node {
    var score = 0.0
    /// −1 where none is known yet.
    var start: Int32 = -1
    var id: Int32 = 0
  }

  var surfaceID: Int32? { unknownID }

  func tokenize(_ bytes: [UInt8], words: [Range<Int>], into tokens: inout [ModelToken]) {
    let bytes = bytes.span
    var nodes: [Node] = []
    var path: [ModelToken] = []
    // Few words seldom stand twice.
    guard words.count > 64 else {
      for word in words { tokenize(bytes, word, &nodes, &path, &tokens) }
      return
    }
    var cache = WordCache(wordCount: words.count)
    for word in words {
      cache.tokenize(word, of: bytes, into: &tokens) { tokens in
        tokenize(bytes, word, &nodes, &path, &tokens)
      }
    }
  }

  private func tokenize(
    _ bytes: Span<UInt8>, _ word: Range<Int>, _ nodes: inout [Node], _ path: inout [ModelToken],
    _ tokens: inout [ModelToken]
  ) {
    search(bytes, word, &nodes)
    // From the end to the start, unknown neighbours as one.
    path.removeAll(keepingCapacity: true)
    var end = word.count
    while end > 0 {
      let node = nodes[end]
      let range = word.lowerBound + Int(node.start)..<word.lowerBound + end
      if node.id == unknownID, let last = path.last, last.id == unknownID {
        path[path.count - 1].start = Int32(truncatingIfNeeded: range.lowerBound)
      } else {
        path.append(ModelToken(id: node.id, range: range))
      }
      end = Int(node.start)
    }
    for token in path.reversed() {
      if token.id == unknownID {
        appendUnknown(bytes, token.range, &tokens)
      } else {
        tokens.append(token)
      }
    }
  }

  private func search(_ bytes: Span<UInt8>, _ word: Range<Int>, _ nodes: inout [Node]) {
    nodes.removeAll(keepingCapacity: true)
    nodes.append(contentsOf: repeatElement(Node(), count: word.count + 1))
    let scores = scores.span
    let trie = vocabulary.trie
    var start = 0
    while start < word.count {
      let index = word.lowerBound + start
      let first = bytes[index]
      let scalarLength = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
      let score = nodes[start].score
      var hasScalar = false
      func offer(_ length: Int, _ id: Int32, _ candidate: Double) {
        let node = nodes[start + length]
        if node.start < 0 || candidate > node.score {
          nodes[start + length] = Node(
            score: candidate, start: Int32(truncatingIfNeeded: start), id: id)
        }
      }
      trie.forEachMatch(in: bytes, from: index, to: word.upperBound) { id, end in
        if end - index == scalarLength { hasScalar = true }
        offer(end - index, id, score + scores[Int(id)])
      }
      if !hasScalar { offer(scalarLength, unknownID, score + unknownScore) }
      start += scalarLength
    }
  }

  /// The token whose text is that of several unknown scalars, or the tokens of their bytes, each
  /// standing for all of them, or the unknown one.
  private func appendUnknown(
    _ bytes: Span<UInt8>, _ range: Range<Int>, _ tokens: inout [ModelToken]
  ) {
    let match = vocabulary.trie.longestMatch(
      in: bytes, from: range.lowerBound, to: range.upperBound)
    if match.value != ByteTrie.none, match.end == range.upperBound {
      tokens.append(ModelToken(id: match.value, range: range))
    } else if let byteIDs, range.allSatisfy({ byteIDs[Int(bytes[$0])] >= 0 }) {
      for index in range {
        tokens.append(ModelToken(id: byteIDs[Int(bytes[index])], range: range))
      }
    } else {
      tokens.append(ModelToken(id: unknownID, range: range))
    }
  }
}
