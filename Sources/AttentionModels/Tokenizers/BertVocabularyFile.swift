import Attention

/// Builds BERT's tokenizer from a `vocab.txt`, one token to a line, as models before
/// `tokenizer.json` have it.
///
/// - Source: `BertTokenizerFast` of the transformers library.
enum BertVocabularyFile {
  /// The options in `tokenizer_config.json`, which may be missing as a whole.
  private struct Options {
    var lowercases = true
    var stripsAccents: Bool?
    var spacesChinese = true
    /// In the order in which ids are given to those that the vocabulary lacks.
    var specialTokens: [(key: String, token: AddedToken)] = []
  }

  static func read(_ directory: ModelDirectory) throws -> Tokenizer.Pipeline {
    let path = try directory.file("vocab.txt")
    let vocabulary = try ModelVocabulary(entries(path), path: path)
    let options = try options(directory)
    let unknown = options.specialTokens.first { $0.key == "unk_token" }?.token.content ?? "[UNK]"
    let model = try WordPiece(
      vocabulary: vocabulary, unknownToken: unknown, continuingPrefix: "##",
      maximumWordLength: 100, path: path)

    var added = AddedTokenList(vocabulary: vocabulary, path: path)
    var ids: [String: TemplateProcessor.SpecialToken] = [:]
    for (key, token) in options.specialTokens {
      var token = token
      if let known = added.tokens.first(where: { $0.content == token.content }) {
        token.id = known.id
      } else {
        token.id = added.nextID(for: token.content)
        try added.append(token)
      }
      ids[key] = .init(id: token.id, reading: token.content)
    }
    guard let start = ids["cls_token"], let separator = ids["sep_token"] else {
      throw ModelError.tokenizer(path: path, reason: "there is no cls_token or sep_token")
    }
    return Tokenizer.Pipeline(
      normalizers: [
        BertNormalizer(
          cleansText: true, spacesChinese: options.spacesChinese,
          stripsAccents: options.stripsAccents ?? options.lowercases,
          lowercases: options.lowercases)
      ],
      preTokenizer: ScalarClassSplitter.bert, model: model, addedTokens: added.tokens,
      processor: PostProcessor(template: .bert(start: start, separator: separator)),
      decoder: Decoder(steps: [WordPieceDecoding(prefix: Array("##".utf8), cleansUp: true)]))
  }

  /// Each line's token with the number of its line, from 0; of a token that stands twice, the last.
  private static func entries(_ path: String) throws -> [(token: String, id: Int32)] {
    let bytes = try InputFile.contents(
      ofFile: path, limit: ConfigurationReader.fileSizeLimit)
    var lines = bytes.split(
      separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    if lines.last?.isEmpty ?? false { lines.removeLast() }
    guard lines.count < ModelVocabulary.idLimit else {
      throw ModelError.tokenizer(
        path: path, reason: "\(lines.count) lines, more than the largest id allows")
    }
    // By bytes, not by `String`, for which tokens that are canonically equivalent are the same.
    var indices: [ArraySlice<UInt8>: Int] = [:]
    var result: [(token: String, id: Int32)] = []
    for (number, line) in lines.enumerated() {
      guard let text = String(validating: line, as: UTF8.self) else {
        throw ModelError.tokenizer(path: path, reason: "line \(number + 1) is not UTF-8")
      }
      let length = trimmedLength(text)
      let entry = (token: String(decoding: line.prefix(length), as: UTF8.self), id: Int32(number))
      if let index = indices[line.prefix(length)] {
        result[index] = entry
      } else {
        indices[line.prefix(length)] = result.count
        result.append(entry)
      }
    }
    return result
  }

  /// The bytes of `line` without the white space at its end.
  private static func trimmedLength(_ line: String) -> Int {
    let scalars = line.unicodeScalars
    let trailing = scalars.reversed().prefix {
      UnicodeData.shared[$0.value].properties.contains(.whitespace)
    }
    return line.utf8.count - trailing.reduce(0) { $0 + UTF8.width($1) }
  }

  private static func options(_ directory: ModelDirectory) throws -> Options {
    let name = "tokenizer_config.json"
    var options = Options()
    var file: ConfigurationReader?
    if directory.contains(name) {
      file = try ConfigurationReader(contentsOfFile: directory.file(name), role: .tokenizer)
    }
    options.lowercases = try file?.optionalBoolean("do_lower_case") ?? true
    options.stripsAccents = try file?.optionalBoolean("strip_accents")
    options.spacesChinese = try file?.optionalBoolean("tokenize_chinese_chars") ?? true
    let defaults = [
      ("unk_token", "[UNK]"), ("sep_token", "[SEP]"), ("pad_token", "[PAD]"),
      ("cls_token", "[CLS]"), ("mask_token", "[MASK]"),
    ]
    for (key, content) in defaults {
      var token = AddedToken(content: content, id: 0, isSpecial: true)
      if let file, let value = file.value(key) { token = try specialToken(value, key, file) }
      options.specialTokens.append((key, token))
    }
    for value in try file?.optionalArray("additional_special_tokens") ?? [] {
      if let file {
        options.specialTokens.append(
          ("", try specialToken(value, "additional_special_tokens", file)))
      }
    }
    return options
  }

  /// A string, or an object with the string under `content` and how it is looked for.
  private static func specialToken(
    _ value: JSON, _ key: String, _ file: ConfigurationReader
  ) throws(ModelError) -> AddedToken {
    if let content = value.string, !content.isEmpty {
      return AddedToken(content: content, id: 0, isSpecial: true)
    }
    guard value.object != nil else { throw file.mismatch(key, expected: "token", value) }
    let entry = try file.reader(for: value, named: key)
    let content = try entry.string("content")
    guard !content.isEmpty else { throw entry.failure("\(entry.name(of: "content")): empty") }
    return try AddedToken(
      content: content, id: 0,
      isSingleWord: entry.optionalBoolean("single_word") ?? false,
      stripsLeft: entry.optionalBoolean("lstrip") ?? false,
      stripsRight: entry.optionalBoolean("rstrip") ?? false,
      isNormalized: entry.optionalBoolean("normalized") ?? false, isSpecial: true)
  }
}
