extension TokenizerSettings {
  /// Applies the options of `tokenizer_config.json` to the sections of `tokenizer.json`, if the class has
  /// such options. Everything else stays as in `tokenizer.json`.
  ///
  /// - Throws: `ModelError.tokenizer` for an option of the wrong type.
  /// - Source: the initializers of the tokenizer classes of transformers 5.
  func applied(to file: ConfigurationReader) throws(ModelError) -> ConfigurationReader {
    var options: [String: [String: JSON]] = [:]
    switch tokenizerClass {
    case .bert, .mpnet:
      var values: [String: JSON] = [:]
      if let lowercases = try flag("do_lower_case") {
        // By default, accents are stripped if the text is lowercased.
        values = ["lowercase": .boolean(lowercases), "strip_accents": .null]
      }
      if let strips = try flag("strip_accents") {
        values["strip_accents"] = .boolean(strips)
      }
      if let spaces = try flag("tokenize_chinese_chars") {
        values["handle_chinese_chars"] = .boolean(spaces)
      }
      options["BertNormalizer"] = values
    case .gpt2, .qwen2, .roberta:
      if let prefix = try flag("add_prefix_space") {
        options["ByteLevel"] = ["add_prefix_space": .boolean(prefix)]
        options["RobertaProcessing"] = options["ByteLevel"]
      }
      if tokenizerClass == .roberta, let trims = try flag("trim_offsets") {
        options["RobertaProcessing", default: [:]]["trim_offsets"] = .boolean(trims)
      }
    case .llama, .xlmRoberta, .albert, .camembert:
      let stated = try flag("add_prefix_space")
      let isLegacy = tokenizerClass == .llama ? try flag("legacy") : nil
      guard stated != nil || isLegacy != nil else { break }
      let prefix = stated ?? true
      let isAlways = tokenizerClass != .llama || isLegacy ?? false
      let scheme = prefix ? isAlways ? "always" : "first" : "never"
      options["Metaspace"] = [
        "prepend_scheme": .string(scheme), "add_prefix_space": .boolean(prefix),
      ]
    case .clip, .debertaV2, .gemma, .generic, .m2m100, .marian, .mbart, .mbart50, .nllb, .pegasus,
      .t5:
      break
    }
    return file.overriding(options)
  }
}

extension JSON {
  /// Whether the value contains, at any depth, an object for which `predicate` is true.
  func contains(_ predicate: (JSONObject) -> Bool) -> Bool {
    switch self {
    case .array(let values): values.contains { $0.contains(predicate) }
    case .object(let object):
      predicate(object) || object.members.contains { $0.value.contains(predicate) }
    default: false
    }
  }
}
