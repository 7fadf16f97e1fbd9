/// What a model's folder says about its tokenizer outside `tokenizer.json` and the vocabularies:
/// `tokenizer_config.json`, `special_tokens_map.json`, `added_tokens.json`, and the type in `config.json`.
///
/// - Source: `PreTrainedTokenizerBase._from_pretrained` of transformers 5.
struct TokenizerSettings {
  /// A special token with a name, such as `bos_token`.
  struct NamedToken {
    var name: String
    var token: AddedToken
  }

  /// `tokenizer_config.json`; an empty object where there is none.
  private(set) var file: ConfigurationReader
  /// The class by which the tokenizer is loaded.
  private(set) var tokenizerClass: TokenizerClass
  /// The name of a class that this library does not know.
  private(set) var unknownClass: String?
  /// The special tokens that the files name, in the order in which they are added.
  private(set) var namedTokens: [NamedToken] = []
  /// `extra_special_tokens`, or `additional_special_tokens`; nil where the files have neither.
  private(set) var extraTokens: [AddedToken]?
  /// The tokens of `added_tokens_decoder` or `added_tokens.json`, by the ids that these state.
  private(set) var listedTokens: [Int: AddedToken] = [:]

  /// The special tokens that hold where the files do not name others: those of the class.
  private var defaultTokens: [String: String] = [:]
  /// The names that are `null` in the files: they have no token, whatever the class says.
  private var emptyNames: Set<String> = []

  /// Reads the settings in a folder.
  ///
  /// - Throws: `ModelError.tokenizer` with the file and key of a value that cannot be a token;
  ///   `AttentionError.file`.
  init(_ directory: ModelDirectory) throws {
    func contents(_ name: String) throws -> ConfigurationReader? {
      guard directory.contains(name) else { return nil }
      return try ConfigurationReader(contentsOfFile: directory.file(name), role: .tokenizer)
    }
    file =
      try contents("tokenizer_config.json")
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
      // Files of older releases.
      if let map = try contents("special_tokens_map.json") { try addMap(map) }
      if let list = try contents("added_tokens.json") { try addOldList(list) }
    }
  }

  /// Takes another class, where the other files show that the named one is wrong.
  mutating func setClass(_ newClass: TokenizerClass) {
    tokenizerClass = newClass
    defaultTokens = newClass.defaultTokens
  }

  /// Sets the token called `name` where the files do not name one.
  mutating func setDefault(_ name: String, _ content: String) { defaultTokens[name] = content }

  /// Looks for the listed tokens in the text as it is.
  mutating func findListedTokensInRawText() {
    for id in listedTokens.keys { listedTokens[id]?.isNormalized = false }
  }

  /// The value of a key that is true or false; nil where the key is absent or `null`.
  func flag(_ key: String) throws(ModelError) -> Bool? { try file.optionalBoolean(key) }

  /// The token called `name` in the files or by default; nil where there is none.
  func token(_ name: String) -> AddedToken? {
    if let named = namedTokens.last(where: { $0.name == name }) { return named.token }
    guard !emptyNames.contains(name), let content = defaultTokens[name] else {
      return nil
    }
    return AddedToken(content: content, id: 0, isSpecial: true)
  }

  /// All tokens with names, in the order in which they are added: the common names first.
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
      case .string, .object: setName(key, try Self.token(member.value, key, file, isSpecial: true))
      case .null, .boolean: continue
      default:
        // Any other key that ends so is no token.
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

  /// `extra_special_tokens`, a list or an object of names; without it, `additional_special_tokens`.
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

  /// `special_tokens_map.json`: names, and lists of more tokens.
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

  /// `added_tokens.json`: an id for each token.
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
    for value in try file.optionalArray(key) ?? [] {
      tokens.append(try token(value, key, file, isSpecial: value.string == nil ? nil : true))
    }
    return tokens
  }

  /// A token as a string, or as an object with the string under `content`.
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
