import AttentionCore

/// Turns text into the tokens that a model was trained on.
///
/// It is read from the files of the model, and gives the same ids and offsets as the tokenizers
/// library of Hugging Face does from the same files.
///
/// ```swift
/// let tokenizer = try Tokenizer(directory: "models/all-MiniLM-L6-v2")
/// let encoding = try tokenizer.encode("Hello, world!")
/// print(encoding.tokens)  // ["[CLS]", "hello", ",", "world", "!", "[SEP]"]
/// ```
public struct Tokenizer: Sendable {
  /// The parts that the files describe.
  struct Pipeline: Sendable {
    var normalizers: [any Normalizer] = []
    var preTokenizer: (any PreTokenizer)?
    var model: any TokenModel
    var addedTokens: [AddedToken]
    var processor: PostProcessor
    var decoder: Decoder?
    /// Whether special tokens inside a text are cut into pieces: `split_special_tokens`.
    var splitsSpecialTokens = false
  }

  private let pipeline: Pipeline
  private let vocabulary: TokenVocabulary
  /// Added tokens to be found in the text as it is, and in the normalized text.
  private let rawMatcher: AddedTokenMatcher
  private let normalizedMatcher: AddedTokenMatcher
  private let decodedTokens: DecodedTokens

  /// Reads the tokenizer of the model in `directory` from the first of these files that is there:
  ///
  /// - `tokenizer.json`;
  /// - `vocab.json` and `merges.txt`, of GPT-2, RoBERTa, BART, Qwen 2 and CLIP;
  /// - `vocab.txt`, of BERT;
  /// - `tokenizer.model`, `spiece.model`, `sentencepiece.bpe.model` or `spm.model`, a SentencePiece model
  ///   of unigrams or byte pairs, of T5, ALBERT, XLM-RoBERTa, Llama, Mistral, Gemma and others.
  ///
  /// Special tokens and options come from `tokenizer_config.json`, `special_tokens_map.json` and
  /// `added_tokens.json` as well, as the transformers library reads them. `config.json` tells how to read
  /// the older files where `tokenizer_config.json` names no `tokenizer_class`.
  ///
  /// The sections of `tokenizer.json` about truncation and padding have no effect: the caller chooses
  /// the length.
  ///
  /// - Throws: `ModelError.notFound` for a folder without such a file; `ModelError.tokenizer` or
  ///   `ModelError.unsupported` with the path of the file that is malformed, inconsistent or asks
  ///   for something that this library does not implement; `AttentionError.file` for a file that
  ///   cannot be read or is a link out of the folder.
  public init(directory: String) throws {
    try self.init(ModelDirectory(path: directory))
  }

  /// Reads the tokenizer of the model in a folder.
  package init(_ directory: ModelDirectory) throws {
    let settings = try TokenizerSettings(directory)
    var pipeline = try Self.pipeline(directory, settings)
    pipeline.splitsSpecialTokens = try settings.flag("split_special_tokens") ?? false
    self.init(pipeline)
  }

  private static func pipeline(
    _ directory: ModelDirectory, _ settings: TokenizerSettings
  ) throws -> Pipeline {
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
      reason: "there is no tokenizer.json, no vocab.json with merges.txt, no vocab.txt and no "
        + "tokenizer.model or spiece.model")
  }

  init(_ pipeline: Pipeline) {
    self.pipeline = pipeline
    vocabulary = TokenVocabulary(
      model: pipeline.model.vocabulary, added: pipeline.addedTokens)
    var raw = AddedTokenMatcher(skipsSpecialTokens: pipeline.splitsSpecialTokens)
    var normalized = raw
    let tokens = pipeline.addedTokens
    for token in tokens.filter(\.isSpecial) + tokens.filter({ !$0.isSpecial }) {
      if token.isNormalized {
        var form = NormalizedText(Array(token.content.utf8)[...], firstScalar: 0)
        for step in pipeline.normalizers { step.normalize(&form) }
        normalized.add(token, form: form.bytes)
      } else {
        raw.add(token, form: Array(token.content.utf8))
      }
    }
    rawMatcher = raw
    normalizedMatcher = normalized
    decodedTokens = DecodedTokens(vocabulary, pipeline.addedTokens, pipeline.normalizers)
  }

  /// The number of different tokens, added ones included.
  public var vocabularySize: Int { vocabulary.count }

  /// One more than the largest id. A model may have fewer rows than this.
  package var idBound: Int { vocabulary.idBound }

  /// Whether its model is byte-pair encoding.
  package var isBytePairEncoding: Bool { pipeline.model is BytePairEncoding }

  /// The number of `token` in the vocabulary; nil where it is not there.
  public func id(of token: String) -> Int? { vocabulary.id(of: token).map { Int($0) } }

  /// The token with the number `id`; nil where there is none.
  public func token(of id: Int) -> String? {
    Int32(exactly: id).flatMap { vocabulary.token(of: $0) }
  }

  /// The tokens of one text.
  ///
  /// - Parameters:
  ///   - text: any text, the empty one included.
  ///   - addingSpecialTokens: whether tokens such as `[CLS]` and `[SEP]` are put around it.
  ///   - maximumLength: how many tokens there may be, the special ones included; those at the end
  ///     of the text are left out. nil for no limit.
  /// - Throws: `AttentionError.argument` where `maximumLength` has no room for the special tokens;
  ///   `ModelError.text` for a text beyond 2 GiB.
  /// - Complexity: O(length of the text).
  public func encode(
    _ text: String, addingSpecialTokens: Bool = true, maximumLength: Int? = nil
  ) throws -> Encoding {
    try encode(
      [tokens(of: text, named: "text")], addingSpecialTokens: addingSpecialTokens,
      maximumLength: maximumLength)
  }

  /// The tokens of two texts that a model reads as one, such as a question and a passage.
  ///
  /// - Parameters:
  ///   - text: the first text, of type 0.
  ///   - pair: the second text, of type 1.
  ///   - addingSpecialTokens: whether tokens such as `[CLS]` and `[SEP]` are put around them.
  ///   - maximumLength: how many tokens there may be, the special ones included. The longer text is
  ///     cut first, at its end, until both are as long; then both are. nil for no limit.
  /// - Throws: as for one text.
  /// - Complexity: O(length of the texts).
  public func encode(
    _ text: String, pair: String, addingSpecialTokens: Bool = true, maximumLength: Int? = nil
  ) throws -> Encoding {
    try encode(
      [tokens(of: text, named: "text"), tokens(of: pair, named: "pair")],
      addingSpecialTokens: addingSpecialTokens, maximumLength: maximumLength)
  }

  private func encode(
    _ sequences: [TokenSequence], addingSpecialTokens: Bool, maximumLength: Int?
  ) throws -> Encoding {
    let counts = sequences.map(\.ids.count)
    var kept = counts
    if let maximumLength {
      let reserved =
        addingSpecialTokens
        ? pipeline.processor.template.specialTokenCount(isPair: sequences.count > 1) : 0
      guard maximumLength >= reserved else {
        throw AttentionError.argument(
          "maximumLength",
          reason: "\(maximumLength) tokens are too few for the \(reserved) special ones")
      }
      kept = Truncation.keptCounts(counts, limit: maximumLength - reserved)
    }
    return pipeline.processor.encoding(
      of: Array(zip(sequences, kept)), addingSpecialTokens: addingSpecialTokens,
      vocabulary: vocabulary)
  }
}

// MARK: - From text to tokens

extension Tokenizer {
  private func tokens(of text: String, named name: String) throws(ModelError) -> TokenSequence {
    let bytes = Array(text.utf8)
    guard bytes.count <= NormalizedText.lengthLimit else {
      throw .text(name, reason: "\(bytes.count) bytes, longer than 512 MiB")
    }
    var sequence = TokenSequence()
    let expected = bytes.count / 4
    sequence.ids.reserveCapacity(expected)
    sequence.starts.reserveCapacity(expected)
    sequence.ends.reserveCapacity(expected)
    // Parts may overlap where one took white space along, but never start before the one before.
    var counted = 0
    var scalarCount = 0
    for part in rawMatcher.parts(of: bytes) {
      scalarCount += Self.scalarCount(of: bytes[counted..<part.range.lowerBound])
      counted = part.range.lowerBound
      let content = bytes[part.range]
      if let token = part.token {
        let end = scalarCount + Self.scalarCount(of: content)
        append(token, content, scalarCount..<end, to: &sequence)
      } else {
        var text = NormalizedText(content, firstScalar: scalarCount)
        try normalize(&text, named: name)
        appendTokens(of: text, to: &sequence)
      }
    }
    return sequence
  }

  private static func scalarCount(of bytes: ArraySlice<UInt8>) -> Int {
    bytes.reduce(0) { $0 + ($1 & 0xC0 != 0x80 ? 1 : 0) }
  }

  private func normalize(
    _ text: inout NormalizedText, named name: String
  ) throws(ModelError) {
    // No language needs as much; a file may ask for more, step by step.
    let limit = min(NormalizedText.lengthLimit, 64 * text.bytes.count + 1 << 20)
    for step in pipeline.normalizers {
      step.normalize(&text)
      guard text.bytes.count <= limit else {
        throw .text(name, reason: "more than \(limit) bytes once normalized")
      }
    }
  }

  private func append(
    _ token: AddedToken, _ bytes: ArraySlice<UInt8>, _ range: Range<Int>,
    to sequence: inout TokenSequence
  ) {
    if !bytes.elementsEqual(token.content.utf8) {
      sequence.readings[sequence.ids.count] = String(decoding: bytes, as: UTF8.self)
    }
    sequence.append(token.id, range)
  }

  private func appendTokens(of text: NormalizedText, to sequence: inout TokenSequence) {
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
      found.removeAll(keepingCapacity: true)
      pipeline.model.tokenize(words.text.bytes, words: words.pieces, into: &found)
      for token in found {
        if token.id == surfaceID {
          sequence.readings[sequence.ids.count] = String(
            decoding: words.text.bytes[token.range], as: UTF8.self)
        }
        sequence.append(token.id, words.text.originalRange(of: token.range))
      }
    }
  }
}

// MARK: - From tokens to text

extension Tokenizer {
  /// The text that tokens stand for, as the reference library writes it.
  ///
  /// It is not always the text that was encoded: what a normalizer took away is lost, and where a
  /// file has no decoder the tokens stand as they are with spaces between.
  ///
  /// - Parameters:
  ///   - ids: the numbers of tokens; those that the vocabulary does not have are passed over.
  ///   - skippingSpecialTokens: whether tokens such as `[CLS]` are left out.
  /// - Complexity: O(length of the text).
  public func decode(_ ids: [Int], skippingSpecialTokens: Bool = true) -> String {
    var stream = stream(skippingSpecialTokens: skippingSpecialTokens)
    var bytes: [UInt8] = []
    for id in ids { stream.append(id, to: &bytes) }
    stream.finish(to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Decodes tokens as they come, one at a time.
  ///
  /// - Parameter skippingSpecialTokens: whether tokens such as `</s>` are left out.
  public func stream(skippingSpecialTokens: Bool = true) -> TokenStream {
    TokenStream(
      tokens: decodedTokens, decoder: pipeline.decoder ?? .spaced,
      skipsSpecialTokens: skippingSpecialTokens)
  }
}
