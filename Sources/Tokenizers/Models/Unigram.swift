/// Unigram model: splits a word into the tokens with the largest sum of scores (Viterbi search).
///
/// best(end) = max over tokens [start, end) of best(start) + score(token). A scalar that is not a token
/// may be unknown, with the score min(scores) − 10. Adjacent unknown scalars become one unknown token, or
/// the tokens of their bytes with `byte_fallback`.
///
/// - Source: Kudo 2018, Subword Regularization; as implemented in SentencePiece.
struct Unigram: TokenModel {
  let vocabulary: ModelVocabulary
  let unknownID: Int32
  private let scores: [Double]
  private let unknownScore: Double
  private let byteIDs: [Int32]?
  private let exactSearch: ExactSearch?

  /// The difference between the lowest score of a token and the score of an unknown scalar.
  private static let unknownPenalty = 10.0
  /// Maximum bytes of a token: the search takes O(text length · longest token). SentencePiece's tokens
  /// have at most 16 scalars by default.
  static let tokenLengthLimit = 512

  /// What SentencePiece does and Hugging Face tokenizers does not: some tokens are not found in texts, only some
  /// scores count for unknown scalars, and sums of scores are rounded to single precision, which decides between
  /// almost equal paths.
  struct ExactSearch {
    /// The tokens that are found in texts.
    let found: TokenSet
    /// The lowest score of the tokens that count.
    let lowestScore: Double
  }

  /// - Parameters:
  ///   - vocabulary: the ids are the indices of the tokens.
  ///   - scores: the score of each token, by id.
  ///   - exactSearch: the rules of SentencePiece; nil for the ones of Hugging Face tokenizers.
  init(
    vocabulary: ModelVocabulary, scores: [Double], unknownID: Int, fallsBackToBytes: Bool,
    exactSearch: ExactSearch? = nil, path: String
  ) throws(ModelError) {
    guard scores.indices.contains(unknownID) else {
      throw .tokenizer(
        path: path, reason: "unk_id \(unknownID) is not in the vocabulary of \(scores.count) tokens"
      )
    }
    self.vocabulary = vocabulary
    self.scores = scores
    self.unknownID = Int32(unknownID)
    self.exactSearch = exactSearch
    unknownScore = (exactSearch?.lowestScore ?? scores.min() ?? 0) - Self.unknownPenalty
    byteIDs = fallsBackToBytes ? try ByteTokens.ids(vocabulary, path: path) : nil
  }

  /// The best path to a position in a word: its score, and the start and id of its last token.
  private struct Node {
    var score = 0.0
    /// −1: no path yet.
    var start: Int32 = -1
    var id: Int32 = 0
  }

  /// The memory of all tables.
  var byteCount: Int {
    vocabulary.byteCount + MemoryLayout<Double>.stride * scores.count
      + (exactSearch?.found.byteCount ?? 0)
  }

  var surfaceID: Int32? { unknownID }

  func tokenize(_ bytes: [UInt8], words: [Range<Int>], into tokens: inout [ModelToken]) {
    let bytes = bytes.span
    var nodes: [Node] = []
    var path: [ModelToken] = []
    // In a short text, words rarely repeat.
    guard words.count > 64 else {
      for word in words { tokenize(bytes, word, &nodes, &path, &tokens) }
      return
    }
    var cache = WordCache(wordCount: words.count)
    var cancellation = CancellationSteps()
    for word in words {
      if cancellation.isRequested() { break }
      cache.tokenize(word, of: bytes, into: &tokens) { tokens in
        tokenize(bytes, word, &nodes, &path, &tokens)
      }
    }
  }

  private func tokenize(
    _ bytes: Span<UInt8>, _ word: Range<Int>, _ nodes: inout [Node], _ path: inout [ModelToken],
    _ tokens: inout [ModelToken]
  ) {
    guard search(bytes, word, &nodes) else { return }
    // Backtrack from the end, joining adjacent unknown tokens.
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

  /// Finds the best path to each position of a word. Returns false if the current task is cancelled.
  private func search(_ bytes: Span<UInt8>, _ word: Range<Int>, _ nodes: inout [Node]) -> Bool {
    nodes.removeAll(keepingCapacity: true)
    nodes.append(contentsOf: repeatElement(Node(), count: word.count + 1))
    let scores = scores.span
    var start = 0
    var cancellation = CancellationSteps()
    while start < word.count {
      if cancellation.isRequested() { return false }
      let index = word.lowerBound + start
      let first = bytes[index]
      let scalarLength = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
      let score = nodes[start].score
      var hasScalar = false
      func offer(_ length: Int, _ id: Int32, _ candidate: Double) {
        let candidate = exactSearch == nil ? candidate : Double(Float(candidate))
        let node = nodes[start + length]
        if node.start < 0 || candidate > node.score {
          nodes[start + length] = Node(
            score: candidate, start: Int32(truncatingIfNeeded: start), id: id)
        }
      }
      vocabulary.forEachMatch(in: bytes, from: index, to: word.upperBound) { id, end in
        if let exactSearch, !exactSearch.found.contains(id) { return }
        if end - index == scalarLength { hasScalar = true }
        offer(end - index, Int32(truncatingIfNeeded: id), score + scores[id])
      }
      if !hasScalar { offer(scalarLength, unknownID, score + unknownScore) }
      start += scalarLength
    }
    return true
  }

  /// Appends the tokens of a run of unknown scalars: the token with exactly this text, if any; otherwise
  /// the byte tokens, each with the range of the whole run; otherwise the unknown token.
  private func appendUnknown(
    _ bytes: Span<UInt8>, _ range: Range<Int>, _ tokens: inout [ModelToken]
  ) {
    let id = vocabulary.id(of: bytes.extracting(range))
    if id != ModelVocabulary.none {
      tokens.append(ModelToken(id: id, range: range))
    } else if let byteIDs, range.allSatisfy({ byteIDs[Int(bytes[$0])] >= 0 }) {
      for index in range {
        tokens.append(ModelToken(id: byteIDs[Int(bytes[index])], range: range))
      }
    } else {
      tokens.append(ModelToken(id: unknownID, range: range))
    }
  }
}
