/// The tokenizer settings in files other than `tokenizer.json` and the vocabularies: `tokenizer_config.json`,
/// `special_tokens_map.json`, `added_tokens.json`, and the keys `tokenizer_class` and `model_type` of
/// `config.json`.
///
/// - Source: `PreTrainedTokenizerBase._from_pretrained` of transformers 5.
struct TokenizerSettings {
  struct NamedToken {
    /// The key in the file, such as `bos_token`.
    var name: String
    var token: AddedToken
  }

  /// `tokenizer_config.json`; an empty object if the file does not exist.
  private(set) var file: ConfigurationReader
  private(set) var tokenizerClass: TokenizerClass
  /// The name of the class, if it is unknown.
  private(set) var unknownClass: String?
  /// Special tokens with names such as `bos_token`, in the order in which they are added.
  private(set) var namedTokens: [NamedToken] = []
  /// `extra_special_tokens` or `additional_special_tokens`; nil if the files have neither.
  private(set) var extraTokens: [AddedToken]?
  /// The tokens of `added_tokens_decoder` or `added_tokens.json`, by the ids in the file.
  private(set) var listedTokens: [Int: AddedToken] = [:]

  /// The default special tokens of the class.
  private var defaultTokens: [String: String] = [:]
  /// Names that are `null` in the files. They have no token, not even the default of the class.
  private var emptyNames: Set<String> = []

  /// Reads the settings in a folder.
  ///
  /// - Throws: `ModelError.tokenizer` with the file and key of a value that is not a token;
  ///   `AttentionError.file` for a file that cannot be read.
  init(_ directory: ModelDirectory) throws {
    file =
      try directory.tokenizerConfiguration()
      ?? ConfigurationReader(
        path: "\(directory.path)/tokenizer_config.json", object: JSONObject(), role: .tokenizer)
    let config =
      directory.contains("config.json") ? try directory.configuration() : nil
    let name = file.value("tokenizer_class")?.string ?? config?.value("tokenizer_class")?.string
    (tokenizerClass, unknownClass) = TokenizerClass.loading(
      name: name, modelType: config?.value("model_type")?.string)
    defaultTokens = tokenizerClass.defaultTokens

    try addNames(file)
    try addExtraTokens(file)
    if file.value("added_tokens_decoder") != nil {
      try addListedTokens(file.nested("added_tokens_decoder"))
    } else {
      // Files of older versions.
      if let map = try directory.tokenizerFile("special_tokens_map.json") { try addMap(map) }
      if let list = try directory.tokenizerFile("added_tokens.json") { try addOldList(list) }
    }
  }

  /// Replaces the class, for folders whose other files show that the class is wrong.
  mutating func setClass(_ newClass: TokenizerClass) {
    tokenizerClass = newClass
    defaultTokens = newClass.defaultTokens
  }

  /// Adds tokens to the extra tokens of the files.
  mutating func addExtraTokens(_ contents: [String]) {
    let known = Set((extraTokens ?? []).map { Array($0.content.utf8) })
    extraTokens =
      (extraTokens ?? [])
      + contents.filter { !known.contains(Array($0.utf8)) }.map {
        AddedToken(content: $0, id: 0, isSpecial: true)
      }
  }

  /// Sets the default of the token called `name`.
  mutating func setDefault(_ name: String, _ content: String) { defaultTokens[name] = content }

  /// Whether the model gets the types of tokens: `model_input_names`, or the default of the class.
  ///
  /// - Throws: `ModelError.tokenizer` if the value is not a list of strings.
  func passesTypeIDs() throws(ModelError) -> Bool {
    guard let names = try file.optionalArray("model_input_names") else {
      return tokenizerClass != .albert
    }
    return names.contains { $0.string == "token_type_ids" }
  }

  /// Matches the listed tokens in the original text.
  mutating func findListedTokensInRawText() {
    for id in listedTokens.keys { listedTokens[id]?.isNormalized = false }
  }

  /// The Boolean under `key`; nil if the key is missing or `null`.
  func flag(_ key: String) throws(ModelError) -> Bool? { try file.optionalBoolean(key) }

  /// The token called `name` in the files, or else its default; nil if there is neither.
  func token(_ name: String) -> AddedToken? {
    if let named = namedTokens.last(where: { $0.name == name }) { return named.token }
    guard !emptyNames.contains(name), let content = defaultTokens[name] else {
      return nil
    }
    return AddedToken(
      content: content, id: 0, stripsLeft: tokenizerClass.stripsLeft(of: name), isSpecial: true)
  }

  /// All named tokens in the order in which they are added: first the tokens of `specialTokenKeys`.
  var allNamedTokens: [AddedToken] {
    let common = TokenizerClass.specialTokenKeys.compactMap(token)
    return common
      + namedTokens.filter { !TokenizerClass.specialTokenKeys.contains($0.name) }.map(\.token)
  }

  // MARK: - Reading

  private mutating func addNames(_ file: ConfigurationReader) throws(ModelError) {
    for member in file.object.members {
      let key = member.key
      if member.value.isNull, TokenizerClass.specialTokenKeys.contains(key) {
        emptyNames.insert(key)
        namedTokens.removeAll { $0.name == key }
      }
      guard TokenizerClass.specialTokenKeys.contains(key) || key.hasSuffix("_token") else {
        continue
      }
      switch member.value {
      case .string, .object:
        var token = try Self.token(member.value, key, file, isSpecial: true)
        if member.value.string != nil { token.stripsLeft = tokenizerClass.stripsLeft(of: key) }
        setName(key, token)
      case .null, .boolean: continue
      default:
        // Other keys that end in "_token" need not be tokens.
        guard TokenizerClass.specialTokenKeys.contains(key) else { continue }
        throw file.mismatch(key, expected: "token", member.value)
      }
    }
  }

  private mutating func setName(_ name: String, _ token: AddedToken) {
    emptyNames.remove(name)
    if let index = namedTokens.firstIndex(where: { $0.name == name }) {
      namedTokens[index].token = token
    } else {
      namedTokens.append(NamedToken(name: name, token: token))
    }
  }

  /// Reads `extra_special_tokens`, a list or an object with names, or else `additional_special_tokens`.
  private mutating func addExtraTokens(_ file: ConfigurationReader) throws(ModelError) {
    let extra = file.value("extra_special_tokens")
    if let names = extra?.object {
      for member in names.members {
        setName(member.key, try Self.token(member.value, member.key, file, isSpecial: true))
      }
      return
    }
    let isEmpty = extra?.array?.isEmpty ?? true
    let old = file.object["additional_special_tokens"]
    let key = isEmpty && old != nil ? "additional_special_tokens" : "extra_special_tokens"
    guard file.object[key] != nil else { return }
    extraTokens = try Self.tokens(file, key)
  }

  private mutating func addListedTokens(_ list: ConfigurationReader) throws(ModelError) {
    for member in list.object.members {
      guard let id = Int(member.key), (0..<ModelVocabulary.idLimit).contains(id) else {
        throw list.failure(
          "\(list.name(of: printable(member.key))): expected an id in the range "
            + "0..<\(ModelVocabulary.idLimit)")
      }
      listedTokens[id] = try AddedTokenReader.token(list.nested(member.key))
    }
  }

  /// Reads `special_tokens_map.json`: named tokens and lists of extra tokens.
  private mutating func addMap(_ map: ConfigurationReader) throws(ModelError) {
    try addNames(map)
    if let names = map.value("extra_special_tokens")?.object {
      for member in names.members {
        setName(member.key, try Self.token(member.value, member.key, map, isSpecial: true))
      }
    } else if map.value("extra_special_tokens") != nil {
      let tokens = try Self.tokens(map, "extra_special_tokens")
      let known = extraTokens ?? []
      extraTokens = known + tokens.filter { !known.contains($0) }
    } else if extraTokens == nil, map.object["additional_special_tokens"] != nil {
      extraTokens = try Self.tokens(map, "additional_special_tokens")
    }
  }

  /// Reads `added_tokens.json`: an object with tokens as keys and ids as values.
  private mutating func addOldList(_ list: ConfigurationReader) throws(ModelError) {
    let special = Set(
      (namedTokens.map(\.token) + (extraTokens ?? [])).map { Array($0.content.utf8) })
    for member in list.object.members {
      let id = try list.integer(member.key, in: 0...ModelVocabulary.idLimit - 1)
      try AddedTokenReader.checkLength(member.key, list, "a token")
      let isSpecial = special.contains(Array(member.key.utf8))
      listedTokens[id] = AddedToken(
        content: member.key, id: 0, isNormalized: !isSpecial, isSpecial: isSpecial)
    }
  }

  private static func tokens(
    _ file: ConfigurationReader, _ key: String
  ) throws(ModelError) -> [AddedToken] {
    var tokens: [AddedToken] = []
    if let values = try file.optionalArray(key) {
      for value in values {
        tokens.append(try token(value, key, file, isSpecial: value.string == nil ? nil : true))
      }
    }
    return tokens
  }

  /// Reads a token from a string, or from an object with the string under `content`.
  private static func token(
    _ value: JSON, _ key: String, _ file: ConfigurationReader, isSpecial: Bool?
  ) throws(ModelError) -> AddedToken {
    guard let content = value.string else {
      guard value.object != nil else { throw file.mismatch(key, expected: "token", value) }
      return try AddedTokenReader.token(file.reader(for: value, named: key), isSpecial: isSpecial)
    }
    try AddedTokenReader.checkLength(content, file, key)
    return AddedToken(content: content, id: 0, isSpecial: isSpecial ?? true)
  }
}
