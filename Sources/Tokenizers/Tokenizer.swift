import AttentionCore

/// Converts text to the tokens of a model, and tokens to text.
///
/// A tokenizer is read from the model's files. It returns the same ids and offsets as the tokenizers library
/// of Hugging Face.
///
/// ```swift
/// let tokenizer = try Tokenizer(directory: "models/all-MiniLM-L6-v2")
/// let encoding = try tokenizer.encode("Hello, world!")
/// print(encoding.tokens)  // ["[CLS]", "hello", ",", "world", "!", "[SEP]"]
/// ```
///
/// A tokenizer takes at most four times the memory of its files, for files of at least 1 MB: one to three times for
/// most kinds. Reading the files takes up to five times their size, including their text. All tokenizers of a
/// process share tables of Unicode properties.
public struct Tokenizer: Sendable {
  /// The steps of a tokenizer, as the files describe them.
  struct Pipeline: Sendable {
    var normalizers: [any Normalizer] = []
    var preTokenizer: (any PreTokenizer)?
    var model: any TokenModel
    var addedTokens: [AddedToken]
    var processor: PostProcessor
    var decoder: TokenDecoder?
    /// Whether special tokens in a text are tokenized like other text: `split_special_tokens`.
    var splitsSpecialTokens = false
    /// The languages of a translation model.
    var languages: LanguageTokens?
    /// The vocabulary of the ids to decode, if it differs from the model's: a Marian model with a vocabulary for
    /// each side.
    var targetVocabulary: ModelVocabulary?
    /// Whether `>>code<<` at the start of a text is one token: Marian.
    var startsWithLanguageCode = false
    /// The ids of the special tokens with names, such as `mask_token`.
    var namedTokens: [String: Int32] = [:]
  }

  private(set) var pipeline: Pipeline
  private let vocabulary: TokenVocabulary
  /// Matches added tokens in the original text.
  private let rawMatcher: AddedTokenMatcher
  /// Matches added tokens in the normalized text.
  private let normalizedMatcher: AddedTokenMatcher
  private let decodedTokens: DecodedTokens

  /// Reads the tokenizer of the model in `directory` from the first of these files that exists:
  ///
  /// - `tokenizer.json`;
  /// - `vocab.json` and `merges.txt`, of GPT-2, RoBERTa, BART, Qwen 2 and CLIP;
  /// - `vocab.json` with `source.spm` or `sentencepiece.bpe.model`, of Marian and M2M-100;
  /// - `vocab.txt`, of BERT;
  /// - `tokenizer.model`, `spiece.model`, `sentencepiece.bpe.model` or `spm.model`, a SentencePiece model
  ///   (unigram or BPE) of T5, ALBERT, XLM-RoBERTa, mBART, Pegasus, Llama, Mistral, Gemma and others.
  ///
  /// Special tokens and options also come from `tokenizer_config.json`, `special_tokens_map.json` and
  /// `added_tokens.json`, as in the transformers library. If `tokenizer_config.json` has no
  /// `tokenizer_class`, `config.json` determines the class.
  ///
  /// The sections `truncation` and `padding` of `tokenizer.json` are ignored; use the argument
  /// `maxLength` of `encode`.
  ///
  /// - Throws: `ModelError.notFound` if the folder has none of these files; `ModelError.tokenizer` with
  ///   the path of a malformed or inconsistent file; `ModelError.unsupported` with the path of a file that
  ///   uses a feature that is not implemented; `AttentionError.file` for a file that cannot be read or
  ///   links to a place outside the folder.
  public init(directory: String) throws {
    try self.init(ModelDirectory(path: directory))
  }

  /// Reads the tokenizer of a model that is given by path or name.
  ///
  /// ```swift
  /// let tokenizer = try Tokenizer(model: "sentence-transformers/all-MiniLM-L6-v2")
  /// ```
  ///
  /// - Parameters:
  ///   - model: the path of the model's folder, or a name; see ``ModelDirectory/init(_:revision:)``.
  ///   - revision: the revision in Hugging Face's cache; nil for `main`.
  /// - Throws: `ModelError.notFound` for an unknown name; as ``init(directory:)``.
  public init(model: String, revision: String? = nil) throws {
    try self.init(ModelDirectory(model, revision: revision))
  }

  /// Reads the tokenizer of a model without blocking a thread of Swift's cooperative pool.
  ///
  /// - Parameters:
  ///   - model: the path of the model's folder, or a name; see ``ModelDirectory/init(_:revision:)``.
  ///   - revision: the revision in Hugging Face's cache; nil for `main`.
  /// - Throws: as ``init(model:revision:)``; `CancellationError` if the current task is cancelled.
  public static func load(model: String, revision: String? = nil) async throws -> Tokenizer {
    try await BlockingWork.run { try Tokenizer(model: model, revision: revision) }
  }

  /// Reads the tokenizer of the model in a folder.
  ///
  /// - Throws: as ``init(directory:)``.
  public init(_ directory: ModelDirectory) throws {
    self = try Cancellation.checked {
      var settings = try TokenizerSettings(directory)
      if directory.contains("source.spm") { settings.setClass(.marian) }
      var pipeline = try Self.pipeline(directory, settings)
      pipeline.splitsSpecialTokens = try settings.flag("split_special_tokens") ?? false
      pipeline.languages = try LanguageTokens(settings, pipeline)
      if let template = pipeline.languages?.template { pipeline.processor.template = template }
      pipeline.setNamedTokens(settings)
      if try !settings.passesTypeIDs() {
        pipeline.processor.template = pipeline.processor.template.withoutTypeIDs
      }
      return try Tokenizer(pipeline)
    }
  }

  private static func pipeline(
    _ directory: ModelDirectory, _ settings: TokenizerSettings
  ) throws -> Pipeline {
    if PieceFiles.isTokenizer(directory, settings) {
      return try PieceFiles.read(directory, settings)
    }
    if directory.contains("tokenizer.json") {
      return try TokenizerFile.read(directory.file("tokenizer.json"), settings)
    }
    if directory.contains("merges.txt") || directory.contains("vocab.json") {
      return try BytePairFiles.read(directory, settings)
    }
    if directory.contains("vocab.txt") { return try BertVocabularyFile.read(directory, settings) }
    if let name = SentencePieceTokenizer.fileNames.first(where: directory.contains) {
      return try SentencePieceTokenizer.read(directory, name, settings)
    }
    throw ModelError.notFound(
      model: directory.path,
      reason: "no tokenizer found: expected tokenizer.json, vocab.json with merges.txt, vocab.txt, "
        + "tokenizer.model or spiece.model")
  }

  /// - Throws: `ModelError.text` for an added token that normalization makes too long.
  init(_ pipeline: Pipeline) throws(ModelError) {
    self.pipeline = pipeline
    vocabulary = TokenVocabulary(
      model: pipeline.model.vocabulary, added: pipeline.addedTokens)
    var raw: [(AddedToken, [UInt8])] = []
    var normalized = raw
    let tokens = pipeline.addedTokens
    let forms = try Self.normalizedForms(pipeline)
    for token in tokens.filter(\.isSpecial) + tokens.filter({ !$0.isSpecial }) {
      if token.isNormalized {
        normalized.append((token, forms[token.id] ?? Array(token.content.utf8)))
      } else {
        raw.append((token, Array(token.content.utf8)))
      }
    }
    rawMatcher = AddedTokenMatcher(raw, skipsSpecialTokens: pipeline.splitsSpecialTokens)
    normalizedMatcher = AddedTokenMatcher(
      normalized, skipsSpecialTokens: pipeline.splitsSpecialTokens)
    let decoded = pipeline.targetVocabulary.map {
      TokenVocabulary(model: $0, added: pipeline.addedTokens)
    }
    decodedTokens = DecodedTokens(decoded ?? vocabulary, pipeline.addedTokens, forms)
  }

  /// The normalized forms of the added tokens that are matched in normalized text; empty without normalizers.
  private static func normalizedForms(
    _ pipeline: Pipeline
  ) throws(ModelError) -> [Int32: [UInt8]] {
    guard !pipeline.normalizers.isEmpty else { return [:] }
    var forms: [Int32: [UInt8]] = [:]
    var byteCount = 0
    for token in pipeline.addedTokens where token.isNormalized {
      var form = NormalizedText(Array(token.content.utf8)[...], firstScalar: 0)
      try form.apply(pipeline.normalizers, named: "added token \(quoted(token.content))")
      byteCount += form.bytes.count
      guard byteCount <= formLimit else {
        throw .text(
          "added tokens", reason: "more than \(formLimit) bytes in total after normalization")
      }
      forms[token.id] = form.bytes
    }
    return forms
  }

  /// The largest sum of the lengths of all normalized added tokens.
  private static let formLimit = 1 << 24

  /// Replaces the languages, and the special tokens that depend on them.
  mutating func setLanguages(_ languages: LanguageTokens) {
    pipeline.languages = languages
    if let template = languages.template { pipeline.processor.template = template }
  }

  /// The number of different tokens, including added tokens.
  public var vocabularySize: Int { vocabulary.count }

  /// The largest id plus one. The model's embedding table may have fewer rows.
  package var idBound: Int { vocabulary.idBound }

  /// The memory of the tables that grow with the vocabulary, in bytes.
  package var tableByteCount: Int {
    pipeline.model.byteCount + (pipeline.targetVocabulary?.byteCount ?? 0)
      + vocabulary.addedByteCount + rawMatcher.byteCount + normalizedMatcher.byteCount
      + pipeline.processor.byteCount
  }

  /// Whether the model is byte-pair encoding.
  package var isBytePairEncoding: Bool { pipeline.model is BytePairEncoding }

  /// The id of `token`; nil if the vocabulary does not contain it.
  public func id(of token: String) -> Int? { vocabulary.id(of: token).map { Int($0) } }

  /// The token with the id `id`; nil if there is none.
  public func token(of id: Int) -> String? {
    Int32(exactly: id).flatMap { vocabulary.token(of: $0) }
  }

  /// Tokenizes one text.
  ///
  /// - Parameters:
  ///   - text: any text; may be empty.
  ///   - addingSpecialTokens: whether to add tokens such as `[CLS]` and `[SEP]` around the text.
  ///   - maxLength: the maximum number of tokens, including special tokens; tokens at the end of the
  ///     text are removed. nil: no limit.
  /// - Throws: `AttentionError.argument` if `maxLength` is less than the number of special tokens;
  ///   `ModelError.text` if the text is longer than 512 MiB, or becomes too long by normalization;
  ///   `AttentionError.memory`.
  /// - Complexity: O(n) for a text of n bytes; with BPE, O(n log n) if the text is one long word.
  public func encode(
    _ text: String, addingSpecialTokens: Bool = true, maxLength: Int? = nil
  ) throws -> Encoding {
    try encode(
      [("text", text)], addingSpecialTokens: addingSpecialTokens, maxLength: maxLength)
  }

  /// Tokenizes two texts as one input, such as a question and a passage.
  ///
  /// - Parameters:
  ///   - text: the first text; its `typeIDs` are 0 for most models.
  ///   - pair: the second text; its `typeIDs` are 1 for most models.
  ///   - addingSpecialTokens: whether to add tokens such as `[CLS]` and `[SEP]` around the texts.
  ///   - maxLength: the maximum number of tokens, including special tokens. The longer text is cut
  ///     first, at its end, until both have the same length; then both are cut. nil: no limit.
  /// - Throws: The same errors as for one text.
  /// - Complexity: As for one text.
  public func encode(
    _ text: String, pair: String, addingSpecialTokens: Bool = true, maxLength: Int? = nil
  ) throws -> Encoding {
    try encode(
      [("text", text), ("pair", pair)], addingSpecialTokens: addingSpecialTokens,
      maxLength: maxLength)
  }

  private func encode(
    _ texts: [(name: String, text: String)], addingSpecialTokens: Bool, maxLength: Int?
  ) throws -> Encoding {
    @Sendable func encoding() throws -> Encoding {
      try encode(
        texts.map { try tokens(of: $0.text, named: $0.name) },
        addingSpecialTokens: addingSpecialTokens, maxLength: maxLength)
    }
    let length = texts.reduce(0) { $0 + $1.text.utf8.count }
    return length < Self.abandonableLength ? try encoding() : try AbandonableWork.run(encoding)
  }

  func encode(
    _ sequences: [TokenSequence], addingSpecialTokens: Bool, maxLength: Int?
  ) throws -> Encoding {
    let counts = sequences.map(\.ids.count)
    var kept = counts
    if let maxLength {
      let reserved =
        addingSpecialTokens
        ? pipeline.processor.template.specialTokenCount(isPair: sequences.count > 1) : 0
      guard maxLength >= reserved else {
        throw AttentionError.argument(
          "maxLength",
          reason: "expected at least \(reserved), the number of special tokens; "
            + "got \(maxLength)")
      }
      kept = Truncation.keptCounts(counts, limit: maxLength - reserved)
    }
    return try Cancellation.checked {
      pipeline.processor.encoding(
        of: Array(zip(sequences, kept)), addingSpecialTokens: addingSpecialTokens,
        vocabulary: vocabulary)
    }
  }
}

// MARK: - From text to tokens

extension Tokenizer {
  func tokens(of text: String, named name: String) throws -> TokenSequence {
    let length = text.utf8.count
    guard length <= NormalizedText.lengthLimit else {
      throw ModelError.text(name, reason: "\(length) bytes, the limit is 512 MiB")
    }
    if length >= Self.checkedLength {
      try requireMemory(
        byteCount: length * Self.bytesInWork, purpose: "tokenizing a text of \(length) bytes")
    }
    let bytes = Array(text.utf8)
    var sequence = TokenSequence()
    let expected = bytes.count / 4
    sequence.ids.reserveCapacity(expected)
    sequence.starts.reserveCapacity(expected)
    sequence.ends.reserveCapacity(expected)
    sequence.words.reserveCapacity(expected)
    // Parts that include white space may overlap, but their starts never decrease.
    var counted = 0
    var scalarCount = 0
    for part in rawMatcher.parts(of: bytes) {
      try Cancellation.check()
      scalarCount += Self.scalarCount(of: bytes[counted..<part.range.lowerBound])
      counted = part.range.lowerBound
      var content = bytes[part.range]
      if let token = part.token {
        let end = scalarCount + Self.scalarCount(of: content)
        append(token, content, scalarCount..<end, to: &sequence)
      } else {
        var firstScalar = scalarCount
        if let code = languageCode(startOf: content) {
          let end = firstScalar + Self.scalarCount(of: code.text)
          sequence.append(code.id, firstScalar..<end, word: sequence.nextWord)
          (firstScalar, content) = (end, content[code.text.endIndex...])
        }
        var text = NormalizedText(content, firstScalar: firstScalar)
        try text.apply(pipeline.normalizers, named: name)
        try Cancellation.check()
        try appendTokens(of: text, to: &sequence)
      }
    }
    return sequence
  }

  /// The length in bytes from which a cancelled task does not wait for the end of the work. A shorter text takes
  /// a few milliseconds.
  private static let abandonableLength = 1 << 18
  /// The length in bytes from which a text's memory is checked.
  private static let checkedLength = 1 << 15
  /// The memory that each byte of a text needs: its copies, the origins of the characters, words and tokens.
  private static let bytesInWork = 48

  /// `>>code<<` at the start of a text, and its id, which may be the unknown token's; nil if the text does not
  /// start with a code, or if the tokenizer has none.
  private func languageCode(
    startOf text: ArraySlice<UInt8>
  ) -> (text: ArraySlice<UInt8>, id: Int32)? {
    guard pipeline.startsWithLanguageCode, text.starts(with: ">>".utf8) else { return nil }
    let angle = UInt8(ascii: "<")
    var end = text.startIndex + 2
    while end + 1 < text.endIndex, text[end] != angle || text[end + 1] != angle { end += 1 }
    guard end + 1 < text.endIndex else { return nil }
    let code = text[..<(end + 2)]
    let name = String(decoding: code, as: UTF8.self)
    guard let id = vocabulary.id(of: name) ?? vocabulary.id(of: "<unk>") else { return nil }
    return (code, id)
  }

  private static func scalarCount(of bytes: ArraySlice<UInt8>) -> Int {
    bytes.reduce(0) { $0 + ($1 & 0xC0 != 0x80 ? 1 : 0) }
  }

  private func append(
    _ token: AddedToken, _ bytes: ArraySlice<UInt8>, _ range: Range<Int>,
    to sequence: inout TokenSequence
  ) {
    if !bytes.elementsEqual(token.content.utf8) {
      sequence.readings[sequence.ids.count] = String(decoding: bytes, as: UTF8.self)
    }
    sequence.append(token.id, range, word: sequence.nextWord)
  }

  private func appendTokens(of text: NormalizedText, to sequence: inout TokenSequence) throws {
    var found: [ModelToken] = []
    let surfaceID = pipeline.model.surfaceID
    for part in normalizedMatcher.parts(of: text.bytes) {
      if let token = part.token {
        append(
          token, text.bytes[part.range], text.originalRange(of: part.range), to: &sequence)
        continue
      }
      var words = PreTokenizedText(text: text, pieces: [part.range])
      pipeline.preTokenizer?.split(&words)
      try Cancellation.check()
      found.removeAll(keepingCapacity: true)
      pipeline.model.tokenize(words.text.bytes, words: words.pieces, into: &found)
      try Cancellation.check()
      var cancellation = CancellationSteps()
      let firstWord = sequence.nextWord
      var word = 0
      for token in found {
        if cancellation.isRequested() { break }
        while word + 1 < words.pieces.count, words.pieces[word].upperBound <= token.range.lowerBound
        {
          word += 1
        }
        if token.id == surfaceID {
          sequence.readings[sequence.ids.count] = String(
            decoding: words.text.bytes[token.range], as: UTF8.self)
        }
        sequence.append(
          token.id, words.text.originalRange(of: token.range), word: firstWord + word)
      }
    }
  }
}

// MARK: - From tokens to text

extension Tokenizer {
  /// Converts tokens to text, with the same result as the tokenizers library of Hugging Face.
  ///
  /// The result may differ from the encoded text: changes by normalizers, such as lowercasing, are not
  /// undone, and if the files define no decoder, the tokens are joined with spaces.
  ///
  /// - Parameters:
  ///   - ids: token ids; ids that are not in the vocabulary are skipped.
  ///   - skippingSpecialTokens: whether to skip tokens such as `[CLS]`.
  /// - Complexity: O(length of the text).
  public func decode(_ ids: [Int], skippingSpecialTokens: Bool = true) -> String {
    var stream = streamingDecoder(skippingSpecialTokens: skippingSpecialTokens)
    var bytes: [UInt8] = []
    for id in ids { stream.append(id, to: &bytes) }
    stream.finish(to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Returns a streaming decoder, which converts tokens to text one at a time.
  ///
  /// - Parameter skippingSpecialTokens: whether to skip tokens such as `</s>`.
  public func streamingDecoder(skippingSpecialTokens: Bool = true) -> StreamingDecoder {
    StreamingDecoder(
      tokens: decodedTokens, decoder: pipeline.decoder ?? .spaced,
      skipsSpecialTokens: skippingSpecialTokens)
  }
}
