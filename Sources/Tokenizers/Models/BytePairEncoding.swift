/// Merges the letters of a word, pair by pair in the order in which the pairs were learnt.
///
/// A letter that is not in the vocabulary becomes the tokens of its bytes or the unknown token; where
/// there is neither, it is left out.
///
/// - Source: Sennrich et al. 2016, Neural Machine Translation of Rare Words with Subword Units.
struct BytePairEncoding: TokenModel {
  /// What a file says about a model.
  struct Options {
    var unknownToken: String?
    /// Whether neighbouring unknown letters are one unknown token.
    var fusesUnknown = false
    /// Whether an unknown letter is written as tokens such as `<0xE2>`, one for each byte.
    var fallsBackToBytes = false
    /// Whether a word that is in the vocabulary is that token, whatever its merges would give.
    var ignoresMerges = false
    /// Stands before every letter but the first.
    var continuingPrefix: String?
    /// Stands after the last letter.
    var wordSuffix: String?
    /// Whether words are given as bytes, of which the vocabulary writes each as a letter.
    var takesBytes = false
  }

  let vocabulary: ModelVocabulary
  /// Whether words are given as bytes.
  let takesBytes: Bool
  private let merges: MergeTable
  private let letters: LetterTable
  private let unknownID: Int32?
  private let fusesUnknown: Bool
  private let byteIDs: [Int32]?
  /// Tokens that are what a word becomes that reads like them: it need not be merged.
  private var wholeWords = ByteTrie()
  /// Whether no merge reaches over the start of a "▁", so that words may be cut there.
  private let cutsBeforeSpaces: Bool

  init(
    vocabulary: ModelVocabulary, pairs: [(String, String)], options: Options, path: String
  ) throws(ModelError) {
    self.vocabulary = vocabulary
    takesBytes = options.takesBytes
    merges = try Self.merges(pairs, vocabulary, options, path)
    letters = LetterTable(vocabulary, options)
    fusesUnknown = options.fusesUnknown
    unknownID = try options.unknownToken.map { token throws(ModelError) in
      guard let id = vocabulary.id(of: token) else {
        throw .tokenizer(
          path: path,
          reason: "the unknown token \(token.debugDescription) is missing from the vocabulary")
      }
      return id
    }
    byteIDs =
      options.fallsBackToBytes ? try ByteTokens.ids(vocabulary, path: path) : nil
    cutsBeforeSpaces =
      unknownID != nil && !options.ignoresMerges && options.continuingPrefix == nil
      && options.wordSuffix == nil && vocabulary.id(of: "\u{2581}") != nil
      && !pairs.contains { pair in
        pair.1.unicodeScalars.first == "\u{2581}" && pair.0.unicodeScalars.last != "\u{2581}"
      }
    wholeWords = wholeWords(options)
  }

  /// Whether every byte can be written, so that a model may be given bytes instead of letters.
  static func hasAllBytes(_ vocabulary: ModelVocabulary, _ options: Options) -> Bool {
    options.unknownToken != nil
      || (UInt8.min...UInt8.max).allSatisfy { vocabulary.id(of: ByteAlphabet.token(of: $0)) != nil }
  }

  private static func merges(
    _ pairs: [(String, String)], _ vocabulary: ModelVocabulary, _ options: Options, _ path: String
  ) throws(ModelError) -> MergeTable {
    var table = MergeTable(capacity: pairs.count)
    let prefixLength = options.continuingPrefix?.utf8.count ?? 0
    for (rank, pair) in pairs.enumerated() {
      func id(_ token: String) throws(ModelError) -> Int32 {
        if let id = vocabulary.id(of: token) { return id }
        throw .tokenizer(
          path: path,
          reason: "merge \(rank) of \(pair.0.debugDescription) and \(pair.1.debugDescription): "
            + "the token \(token.debugDescription) is missing from the vocabulary")
      }
      let (left, right) = (try id(pair.0), try id(pair.1))
      let continued = Array(pair.1.utf8.dropFirst(prefixLength))
      guard pair.1.utf8.count >= prefixLength, continued.first.map({ $0 & 0xC0 != 0x80 }) ?? true
      else {
        throw .tokenizer(
          path: path,
          reason: "merge \(rank): \(pair.1.debugDescription) is shorter than the continuing prefix")
      }
      let merged = pair.0 + String(decoding: continued, as: UTF8.self)
      table.insert(left, right, rank: rank, newID: try id(merged))
    }
    return table
  }

  /// All tokens where merges are ignored, else those to which their own letters are merged.
  private func wholeWords(_ options: Options) -> ByteTrie {
    var trie = ByteTrie()
    var symbols = SymbolSequence()
    for (token, id) in vocabulary.entries {
      guard let bytes = takesBytes ? ByteAlphabet.bytes(of: token) : Array(token.utf8) else {
        continue
      }
      if !options.ignoresMerges {
        // Longer ones are rare words, and would make reading hostile files slow.
        guard bytes.count <= 64 else { continue }
        symbols.removeAll()
        appendSymbols(of: 0..<bytes.count, bytes.span, to: &symbols)
        symbols.merge(merges)
        guard symbols.ids == [id], symbols.lengths == [Int32(bytes.count)] else { continue }
      }
      _ = trie.insert(bytes, value: id)
    }
    return trie
  }

  // MARK: - Tokenizing

  func tokenize(_ bytes: [UInt8], words: [Range<Int>], into tokens: inout [ModelToken]) {
    let bytes = bytes.span
    var symbols = SymbolSequence()
    let length = words.reduce(0) { $0 + $1.count }
    // Few words seldom stand twice.
    var cache = length < 400 ? nil : WordCache(wordCount: length / 5)
    for word in words {
      var start = word.lowerBound
      while start < word.upperBound {
        let end = cutsBeforeSpaces ? endBeforeSpace(bytes, start, word.upperBound) : word.upperBound
        if cache == nil {
          tokenize(bytes, start..<end, &symbols, &tokens)
        } else {
          cache?.tokenize(start..<end, of: bytes, into: &tokens) { tokens in
            tokenize(bytes, start..<end, &symbols, &tokens)
          }
        }
        start = end
      }
    }
  }

  /// The first place after `start` where a "▁" follows something else.
  private func endBeforeSpace(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> Int {
    func isSpace(_ index: Int) -> Bool {
      index + 2 < end && bytes[index] == 0xE2 && bytes[index + 1] == 0x96
        && bytes[index + 2] == 0x81
    }
    var index = start
    while isSpace(index) { index += 3 }
    while index < end, !isSpace(index) { index += 1 }
    return index
  }

  private func tokenize(
    _ bytes: Span<UInt8>, _ word: Range<Int>, _ symbols: inout SymbolSequence,
    _ tokens: inout [ModelToken]
  ) {
    let match = wholeWords.longestMatch(in: bytes, from: word.lowerBound, to: word.upperBound)
    if match.value != ByteTrie.none, match.end == word.upperBound {
      tokens.append(ModelToken(id: match.value, range: word))
      return
    }
    symbols.removeAll()
    appendSymbols(of: word, bytes, to: &symbols)
    symbols.merge(merges)
    var start = word.lowerBound
    for index in symbols.ids.indices {
      let end = start + Int(symbols.lengths[index])
      tokens.append(ModelToken(id: symbols.ids[index], range: start..<end))
      start = end
    }
  }

  @inline(__always)
  private func appendSymbols(
    of word: Range<Int>, _ bytes: Span<UInt8>, to symbols: inout SymbolSequence
  ) {
    /// The bytes of the unknown token that is not written yet: another may still join it.
    var unknownLength = 0
    var index = word.lowerBound
    while index < word.upperBound {
      let count = letters.length(bytes, index)
      let end = index + count
      let id = letters.id(
        bytes, index..<end, isFirst: index == word.lowerBound, isLast: end == word.upperBound)
      if id != ByteTrie.none {
        if unknownLength > 0, let unknownID { symbols.append(unknownID, length: unknownLength) }
        unknownLength = 0
        symbols.append(id, length: count)
      } else if let byteIDs, (index..<end).allSatisfy({ byteIDs[Int(bytes[$0])] >= 0 }) {
        // An unknown token that waits comes after these: so does the reference library.
        for index in index..<end { symbols.append(byteIDs[Int(bytes[index])], length: 1) }
      } else if let unknownID {
        if unknownLength > 0, !fusesUnknown {
          symbols.append(unknownID, length: unknownLength)
          unknownLength = 0
        }
        unknownLength += count
      }
      index = end
    }
    if unknownLength > 0, let unknownID { symbols.append(unknownID, length: unknownLength) }
  }
}
