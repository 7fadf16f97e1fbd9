/// Byte-pair encoding (BPE): starts with the characters of a word and repeatedly merges the adjacent pair
/// of lowest rank, which is the pair that was learned first.
///
/// A character that is not in the vocabulary becomes the tokens of its bytes, or else the unknown token;
/// without either, it is skipped.
///
/// - Source: Sennrich et al. 2016, Neural Machine Translation of Rare Words with Subword Units.
struct BytePairEncoding: TokenModel {
  struct Options {
    var unknownToken: String?
    /// Whether adjacent unknown characters become one unknown token: `fuse_unk`.
    var fusesUnknown = false
    /// Whether an unknown character becomes one token such as `<0xE2>` per byte: `byte_fallback`.
    var fallsBackToBytes = false
    /// Whether a word in the vocabulary becomes that token without merging: `ignore_merges`.
    var ignoresMerges = false
    /// Precedes each character of a word except the first: `continuing_subword_prefix`.
    var continuingPrefix: String?
    /// Follows the last character of a word: `end_of_word_suffix`.
    var wordSuffix: String?
    /// Whether words are raw bytes, while the vocabulary is written with `ByteToUnicode`.
    var takesBytes = false
  }

  let vocabulary: ModelVocabulary
  /// Whether words are raw bytes, while the vocabulary is written with `ByteToUnicode`.
  let marksContinuingPieces: Bool
  let takesBytes: Bool
  private let merges: MergeTable
  private let letters: InitialTokens
  private let unknownID: Int32?
  private let fusesUnknown: Bool
  private let byteIDs: [Int32]?
  /// Tokens that words become without merging, by index.
  private var wholeWords: TokenSet
  /// The length in bytes of the longest token in `wholeWords`.
  private var longestWholeWord = 0
  /// Whether no merge crosses the start of a "▁", so that words may be split there.
  private let cutsBeforeSpaces: Bool

  init(
    vocabulary: ModelVocabulary, merges: MergeBuilder, options: Options, path: String
  ) throws(ModelError) {
    self.vocabulary = vocabulary
    takesBytes = options.takesBytes
    self.merges = merges.table
    letters = InitialTokens(vocabulary, options)
    fusesUnknown = options.fusesUnknown
    unknownID = try options.unknownToken.map { token throws(ModelError) in
      guard let id = vocabulary.id(of: token) else {
        throw .tokenizer(
          path: path,
          reason: "the unknown token \(quoted(token)) is missing from the vocabulary")
      }
      return id
    }
    byteIDs =
      options.fallsBackToBytes ? try ByteTokens.ids(vocabulary, path: path) : nil
    cutsBeforeSpaces =
      unknownID != nil && !options.ignoresMerges && options.continuingPrefix == nil
      && options.wordSuffix == nil && vocabulary.id(of: "\u{2581}") != nil
      && !merges.joinsSpaces
    marksContinuingPieces = options.continuingPrefix != nil
    wholeWords = TokenSet(count: vocabulary.count)
    addWholeWords(ignoringMerges: options.ignoresMerges)
  }

  /// The memory of all tables.
  var byteCount: Int { vocabulary.byteCount + merges.byteCount + wholeWords.byteCount }

  /// Whether every byte has a token (its own or the unknown token), so that the model may take raw bytes.
  static func hasAllBytes(_ vocabulary: ModelVocabulary, _ options: Options) -> Bool {
    options.unknownToken != nil
      || (UInt8.min...UInt8.max).allSatisfy {
        vocabulary.id(of: ByteToUnicode.token(of: $0)) != nil
      }
  }

  /// Finds the tokens that the model produces for their own text; all tokens if merges are ignored.
  private mutating func addWholeWords(ignoringMerges: Bool) {
    var symbols = SymbolSequence()
    var bytes: [UInt8] = []
    var cancellation = CancellationSteps()
    for index in 0..<vocabulary.count {
      if cancellation.isRequested() { break }
      let token = vocabulary.bytes(at: index)
      bytes.removeAll(keepingCapacity: true)
      if takesBytes {
        guard ByteToUnicode.append(token, to: &bytes) else { continue }
      } else {
        bytes.append(contentsOf: token)
      }
      if !ignoringMerges {
        // Longer words are rare, and merging long tokens would make a hostile file slow to read.
        guard bytes.count <= 64 else { continue }
        symbols.removeAll()
        appendSymbols(of: 0..<bytes.count, bytes.span, to: &symbols)
        symbols.merge(merges)
        guard symbols.isOnly(vocabulary.id(at: index), length: bytes.count) else { continue }
      }
      wholeWords.insert(index)
      longestWholeWord = max(longestWholeWord, bytes.count)
    }
  }

  // MARK: - Tokenizing

  func tokenize(_ bytes: [UInt8], words: [Range<Int>], into tokens: inout [ModelToken]) {
    let bytes = bytes.span
    var symbols = SymbolSequence()
    let length = words.reduce(0) { $0 + $1.count }
    // In a short text, words rarely repeat.
    var cache = length < 400 ? nil : WordCache(wordCount: length / 5)
    var cancellation = CancellationSteps()
    for word in words {
      if cancellation.isRequested() { break }
      var start = word.lowerBound
      while start < word.upperBound, !cancellation.isRequested() {
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

  /// The end of the word at `start`: the first index where a "▁" follows another character.
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
    let whole = wholeWord(bytes, word, &symbols)
    if whole != ModelVocabulary.none {
      tokens.append(ModelToken(id: whole, range: word))
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

  /// The id of the token that a word becomes without merging, or `ModelVocabulary.none`.
  @inline(__always)
  private func wholeWord(
    _ bytes: Span<UInt8>, _ word: Range<Int>, _ symbols: inout SymbolSequence
  ) -> Int32 {
    guard word.count <= longestWholeWord else { return ModelVocabulary.none }
    var index: Int?
    if takesBytes {
      symbols.writeWord(bytes, word)
      index = vocabulary.index(of: symbols.writtenWord.span)
    } else {
      index = vocabulary.index(of: bytes.extracting(word))
    }
    guard let index, wholeWords.contains(index) else { return ModelVocabulary.none }
    return vocabulary.id(at: index)
  }

  @inline(__always)
  private func appendSymbols(
    of word: Range<Int>, _ bytes: Span<UInt8>, to symbols: inout SymbolSequence
  ) {
    /// Bytes of an unknown token that is not appended yet, because the next character may extend it.
    var unknownLength = 0
    var index = word.lowerBound
    var cancellation = CancellationSteps()
    while index < word.upperBound, !cancellation.isRequested() {
      let count = letters.length(bytes, index)
      let end = index + count
      let id = letters.id(
        bytes, index..<end, isFirst: index == word.lowerBound, isLast: end == word.upperBound)
      if id != ModelVocabulary.none {
        if unknownLength > 0, let unknownID { symbols.append(unknownID, length: unknownLength) }
        unknownLength = 0
        symbols.append(id, length: count)
      } else if let byteIDs, (index..<end).allSatisfy({ byteIDs[Int(bytes[$0])] >= 0 }) {
        // A pending unknown token is appended after these tokens, as in Hugging Face tokenizers.
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
