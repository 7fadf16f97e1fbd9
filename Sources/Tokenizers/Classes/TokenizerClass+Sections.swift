/// Sections of a `tokenizer.json`, as JSON, for a class whose files are older than `tokenizer.json`.
struct TokenizerSections {
  var normalizer: String?
  var preTokenizer: String?
  var decoder: String?

  /// The pipeline of these sections and a model.
  ///
  /// - Parameter path: the file that errors refer to.
  func pipeline(
    model: any TokenModel, addedTokens: [AddedToken], processor: PostProcessor, path: String
  ) throws(ModelError) -> Tokenizer.Pipeline {
    let normalizers = try Self.read(normalizer, path).map(NormalizerReader.normalizers) ?? []
    let takesBytes = (model as? BytePairEncoding)?.takesBytes ?? false
    let preTokenizer = try Self.read(preTokenizer, path).map(PreTokenizerReader.init)
    return Tokenizer.Pipeline(
      normalizers: normalizers, preTokenizer: preTokenizer?.preTokenizer(forBytes: takesBytes),
      model: model, addedTokens: addedTokens, processor: processor,
      decoder: try Self.read(decoder, path).map(DecoderReader.decoder))
  }

  private static func read(
    _ section: String?, _ path: String
  ) throws(ModelError) -> ConfigurationReader? {
    guard let section else { return nil }
    do {
      let object = try JSON.parse(Array(section.utf8)).object ?? JSONObject()
      return ConfigurationReader(path: path, object: object, role: .tokenizer)
    } catch {
      throw .tokenizer(path: path, reason: "\(error)")
    }
  }
}

extension TokenizerClass {
  /// The normalizer, pre-tokenizer and decoder of this class.
  ///
  /// - Parameters:
  ///   - settings: the options of `tokenizer_config.json`.
  ///   - charsmap: `precompiled_charsmap` of the SentencePiece model in base64; nil if it has none.
  /// - Source: the class's initializer in transformers 5.
  func sections(
    _ settings: TokenizerSettings, charsmap: String? = nil
  ) throws(ModelError) -> TokenizerSections {
    switch self {
    case .gpt2, .roberta:
      let prefix = try settings.flag("add_prefix_space") ?? false
      return TokenizerSections(
        preTokenizer: Self.byteLevel(addsPrefixSpace: prefix),
        decoder: Self.byteLevel(addsPrefixSpace: false))
    case .qwen2:
      let prefix = try settings.flag("add_prefix_space") ?? false
      return TokenizerSections(
        normalizer: #"{"type":"NFC"}"#,
        preTokenizer: Self.sequence(
          "pretokenizers", Self.split(Self.qwen2Pattern, behavior: "Isolated", isInverted: false),
          Self.byteLevel(addsPrefixSpace: prefix, usesPattern: false)),
        decoder: Self.byteLevel(addsPrefixSpace: false))
    case .clip:
      return TokenizerSections(
        normalizer: Self.sequence(
          "normalizers", #"{"type":"NFC"}"#,
          #"{"type":"Replace","pattern":{"Regex":"\\s+"},"content":" "}"#,
          #"{"type":"Lowercase"}"#),
        preTokenizer: Self.sequence(
          "pretokenizers", Self.split(Self.clipPattern, behavior: "Removed", isInverted: true),
          Self.byteLevel(addsPrefixSpace: false)),
        decoder: Self.sequence(
          "decoders", Self.byteLevel(addsPrefixSpace: false),
          #"{"type":"Replace","pattern":{"String":"</w>"},"content":" "}"#,
          #"{"type":"Strip","content":" ","start":65536,"stop":65536}"#))
    case .t5: return Self.wordwise(charsmap, prepending: "always")
    case .camembert, .xlmRoberta:
      let prefix = try settings.flag("add_prefix_space") ?? true
      return Self.wordwise(charsmap, prepending: prefix ? "always" : "never")
    case .albert:
      var steps = [
        #"{"type":"Replace","pattern":{"String":"``"},"content":"\""}"#,
        #"{"type":"Replace","pattern":{"String":"''"},"content":"\""}"#,
      ]
      if try !(settings.flag("keep_accents") ?? false) {
        steps += [#"{"type":"NFKD"}"#, #"{"type":"StripAccents"}"#]
      }
      if try settings.flag("do_lower_case") ?? true { steps.append(#"{"type":"Lowercase"}"#) }
      if let charsmap { steps.append(Self.precompiled(charsmap)) }
      let prefix = try settings.flag("add_prefix_space") ?? true
      var sections = Self.wordwise(charsmap, prepending: prefix ? "always" : "never")
      sections.normalizer = Self.sequence("normalizers", steps)
      return sections
    case .llama:
      let prefix = try settings.flag("add_prefix_space") ?? true
      let first = try settings.flag("legacy") ?? false ? "always" : "first"
      return TokenizerSections(
        preTokenizer: Self.metaspace(prepending: prefix ? first : "never", splits: false),
        decoder: Self.byteFallbackDecoder(stripsSpace: prefix))
    case .gemma:
      return TokenizerSections(
        normalizer: #"{"type":"Replace","pattern":{"String":" "},"content":"▁"}"#,
        preTokenizer: #"{"type":"Split","pattern":{"String":" "},"#
          + #""behavior":"MergedWithPrevious","invert":false}"#,
        decoder: Self.byteFallbackDecoder(stripsSpace: false))
    case .debertaV2:
      var steps = try settings.flag("do_lower_case") ?? false ? [#"{"type":"Lowercase"}"#] : []
      steps += [
        #"{"type":"Replace","pattern":{"Regex":"\\s{2,}|[\\n\\r\\t]"},"content":" "}"#,
        #"{"type":"NFC"}"#, #"{"type":"Strip","strip_left":false,"strip_right":true}"#,
      ]
      let prefix = try settings.flag("add_prefix_space") ?? true
      let metaspace = Self.metaspace(prepending: prefix ? "always" : "first", splits: true)
      let isolating =
        try settings.flag("split_by_punct") ?? false
        ? [#"{"type":"Punctuation","behavior":"Isolated"}"#] : []
      return TokenizerSections(
        normalizer: Self.sequence("normalizers", steps),
        preTokenizer: Self.sequence("pretokenizers", isolating + [metaspace]), decoder: metaspace)
    case .bert, .mpnet:
      let lowercases = try settings.flag("do_lower_case") ?? true
      let stripsAccents = try settings.flag("strip_accents") ?? lowercases
      let spacesChinese = try settings.flag("tokenize_chinese_chars") ?? true
      return TokenizerSections(
        normalizer: #"{"type":"BertNormalizer","clean_text":true,"#
          + #""handle_chinese_chars":\#(spacesChinese),"strip_accents":\#(stripsAccents),"#
          + #""lowercase":\#(lowercases)}"#,
        preTokenizer: #"{"type":"BertPreTokenizer"}"#,
        decoder: ###"{"type":"WordPiece","prefix":"##","cleanup":true}"###)
    case .mbart: return Self.wordwise(nil, prepending: "always")
    case .mbart50:
      return Self.spaced(normalizer: charsmap.map { [Self.precompiled($0)] } ?? [])
    case .pegasus:
      let line = #"{"type":"Replace","pattern":{"Regex":"\\n"},"content":" "}"#
      return Self.spaced(normalizer: [charsmap.map(Self.precompiled) ?? line])
    case .marian, .m2m100:
      // `SentencePieceNormalizer` does the rest.
      return TokenizerSections(
        decoder: Self.sequence(
          "decoders", #"{"type":"Replace","pattern":{"String":"▁"},"content":" "}"#,
          #"{"type":"Fuse"}"#, #"{"type":"Strip","content":" ","start":65536,"stop":65536}"#))
    case .generic, .nllb: return TokenizerSections()
    }
  }

  // MARK: - Parts of sections

  private static let qwen2Pattern =
    #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}"#
    + #"| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"#

  /// Without the special tokens at the start of the original pattern: added tokens are matched earlier.
  private static let clipPattern =
    #"'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+"#

  static func sequence(_ key: String, _ steps: String...) -> String { sequence(key, steps) }

  private static func sequence(_ key: String, _ steps: [String]) -> String {
    #"{"type":"Sequence","\#(key)":[\#(steps.joined(separator: ","))]}"#
  }

  private static func split(_ pattern: String, behavior: String, isInverted: Bool) -> String {
    #"{"type":"Split","pattern":{"Regex":"\#(pattern)"},"behavior":"\#(behavior)","#
      + #""invert":\#(isInverted)}"#
  }

  private static func byteLevel(addsPrefixSpace: Bool, usesPattern: Bool = true) -> String {
    #"{"type":"ByteLevel","add_prefix_space":\#(addsPrefixSpace),"trim_offsets":true,"#
      + #""use_regex":\#(usesPattern)}"#
  }

  static func metaspace(prepending: String, splits: Bool) -> String {
    #"{"type":"Metaspace","replacement":"▁","prepend_scheme":"\#(prepending)","split":\#(splits)}"#
  }

  static func precompiled(_ charsmap: String) -> String {
    #"{"type":"Precompiled","precompiled_charsmap":"\#(charsmap)"}"#
  }

  /// Splits at white space and puts "▁" before each word.
  private static func wordwise(_ charsmap: String?, prepending: String) -> TokenizerSections {
    let metaspace = metaspace(prepending: prepending, splits: true)
    return TokenizerSections(
      normalizer: charsmap.map(precompiled),
      preTokenizer: sequence("pretokenizers", #"{"type":"WhitespaceSplit"}"#, metaspace),
      decoder: metaspace)
  }

  /// Replaces runs of spaces by one space, and puts "▁" before the text and in place of each space.
  private static func spaced(normalizer steps: [String]) -> TokenizerSections {
    let runs = #"{"type":"Replace","pattern":{"Regex":" {2,}"},"content":" "}"#
    let metaspace = metaspace(prepending: "always", splits: true)
    return TokenizerSections(
      normalizer: sequence("normalizers", steps + [runs]),
      preTokenizer: metaspace, decoder: metaspace)
  }

  private static func byteFallbackDecoder(stripsSpace: Bool) -> String {
    #"{"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"▁"},"content":" "},"#
      + #"{"type":"ByteFallback"},{"type":"Fuse"}"#
      + (stripsSpace ? #",{"type":"Strip","content":" ","start":1,"stop":0}"# : "") + "]}"
  }
}
