/// Reads the section `post_processor`.
enum TemplateProcessorReader {
  static func processor(
    _ section: ConfigurationReader, vocabulary: TokenVocabulary
  ) throws(ModelError) -> TemplateProcessor {
    let type = try section.string("type")
    switch type {
    case "TemplateProcessing":
      let tokens = try specialTokens(section, vocabulary: vocabulary)
      return try TemplateProcessor(
        single: pieces(section, "single", tokens), pair: pieces(section, "pair", tokens))
    case "BertProcessing":
      return try .bert(
        start: specialToken(section, "cls", vocabulary: vocabulary),
        separator: specialToken(section, "sep", vocabulary: vocabulary))
    default:
      throw section.unsupported(
        "post-processor", type, supported: ["BertProcessing", "TemplateProcessing"])
    }
  }

  /// The objects `{"id": …, "ids": […], "tokens": […]}` by their key.
  private static func specialTokens(
    _ section: ConfigurationReader, vocabulary: TokenVocabulary
  ) throws(ModelError) -> [String: [TemplateProcessor.SpecialToken]] {
    let table = try section.nested("special_tokens")
    var result: [String: [TemplateProcessor.SpecialToken]] = [:]
    for key in table.object.keys {
      let entry = try table.nested(key)
      let ids = try entry.array("ids")
      let readings = try entry.array("tokens")
      guard ids.count == readings.count else {
        throw entry.failure(
          "\(entry.name(of: "ids")): \(ids.count) ids for \(readings.count) tokens")
      }
      var tokens: [TemplateProcessor.SpecialToken] = []
      for (id, reading) in zip(ids, readings) {
        guard let reading = reading.string else {
          throw entry.mismatch("tokens", expected: "array of strings", reading)
        }
        tokens.append(
          .init(id: try checkedID(id, entry, "ids", vocabulary: vocabulary), reading: reading))
      }
      result[key] = tokens
    }
    return result
  }

  private static func pieces(
    _ section: ConfigurationReader, _ key: String,
    _ tokens: [String: [TemplateProcessor.SpecialToken]]
  ) throws(ModelError) -> [TemplateProcessor.Piece] {
    var result: [TemplateProcessor.Piece] = []
    for piece in try section.nestedArray(key) {
      if let text = try piece.optionalNested("Sequence") {
        let name = try text.string("id")
        guard name == "A" || name == "B" && key == "pair" else {
          throw text.failure(
            "\(text.name(of: "id")): there is no text \(name.debugDescription) here")
        }
        result.append(.text(isSecond: name == "B", typeID: try typeID(text)))
      } else {
        let special = try piece.nested("SpecialToken")
        let name = try special.string("id")
        guard let tokens = tokens[name] else {
          throw special.failure(
            "\(special.name(of: "id")): unknown special token \(name.debugDescription)")
        }
        result.append(.special(tokens, typeID: try typeID(special)))
      }
    }
    return result
  }

  private static func typeID(_ reader: ConfigurationReader) throws(ModelError) -> Int {
    try reader.integer("type_id", in: 0...Int(Int32.max))
  }

  /// The array `["[CLS]", 101]`.
  private static func specialToken(
    _ section: ConfigurationReader, _ key: String, vocabulary: TokenVocabulary
  ) throws(ModelError) -> TemplateProcessor.SpecialToken {
    let values = try section.array(key)
    guard values.count == 2, let reading = values[0].string else {
      throw section.failure("\(section.name(of: key)): expected a token and its id")
    }
    return .init(
      id: try checkedID(values[1], section, key, vocabulary: vocabulary), reading: reading)
  }

  private static func checkedID(
    _ value: JSON, _ reader: ConfigurationReader, _ key: String, vocabulary: TokenVocabulary
  ) throws(ModelError) -> Int32 {
    guard let integer = value.integer else {
      throw reader.mismatch(key, expected: "integer", value)
    }
    guard let id = Int32(exactly: integer), vocabulary.token(of: id) != nil else {
      throw reader.failure("\(reader.name(of: key)): the id \(integer) is not in the vocabulary")
    }
    return id
  }
}
