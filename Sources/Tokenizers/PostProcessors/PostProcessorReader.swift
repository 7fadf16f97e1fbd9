/// Reads the section `post_processor` of `tokenizer.json`.
enum PostProcessorReader {
  private static let supported = [
    "BertProcessing", "ByteLevel", "RobertaProcessing", "Sequence", "TemplateProcessing",
  ]

  /// Maximum special tokens in a template. Published templates have up to five.
  private static let specialTokenLimit = 1 << 16

  private struct Steps {
    var count = 0
    var trimmers: [OffsetTrimmer] = []
    var template: TemplateProcessor?
    /// Created for the first trimmer, shared by all.
    var spaces: TokenSpaces?
  }

  static func processor(
    _ section: ConfigurationReader, vocabulary: TokenVocabulary
  ) throws(ModelError) -> PostProcessor {
    var steps = Steps()
    try add(section, vocabulary, &steps)
    return PostProcessor(trimmers: steps.trimmers, template: steps.template ?? .plain)
  }

  private static func add(
    _ section: ConfigurationReader, _ vocabulary: TokenVocabulary, _ steps: inout Steps
  ) throws(ModelError) {
    let type = try section.string("type")
    if type != "Sequence" { steps.count += 1 }
    try section.requireFewSteps(after: steps.count)
    func setTemplate(_ new: TemplateProcessor) throws(ModelError) {
      guard steps.template == nil else {
        throw section.unsupported("post-processor", "\(type) after another template", supported: [])
      }
      steps.template = new
    }
    func addTrimmer(keepsPrefixSpace: Bool, trimsOffsets: Bool) {
      guard trimsOffsets else { return }
      let spaces = steps.spaces ?? TokenSpaces(vocabulary)
      steps.spaces = spaces
      steps.trimmers.append(OffsetTrimmer(keepsPrefixSpace: keepsPrefixSpace, spaces: spaces))
    }
    switch type {
    case "TemplateProcessing":
      let tokens = try specialTokens(section, vocabulary: vocabulary)
      try setTemplate(
        TemplateProcessor(
          single: try pieces(section, "single", tokens), pair: try pieces(section, "pair", tokens)))
    case "BertProcessing":
      try setTemplate(
        .bert(
          start: try specialToken(section, "cls", vocabulary: vocabulary),
          separator: try specialToken(section, "sep", vocabulary: vocabulary)))
    case "RobertaProcessing":
      addTrimmer(
        keepsPrefixSpace: try section.boolean("add_prefix_space"),
        trimsOffsets: try section.boolean("trim_offsets"))
      try setTemplate(
        .roberta(
          start: try specialToken(section, "cls", vocabulary: vocabulary),
          separator: try specialToken(section, "sep", vocabulary: vocabulary)))
    case "ByteLevel":
      let options = try ByteLevelOptions(section)
      addTrimmer(
        keepsPrefixSpace: options.addsPrefixSpace, trimsOffsets: options.trimsOffsets)
    case "Sequence":
      try section.forEachNested("processors") { step throws(ModelError) in
        try add(step, vocabulary, &steps)
      }
    default:
      throw section.unsupported("post-processor", type, supported: supported)
    }
  }

  /// The entries `{"id": …, "ids": […], "tokens": […]}` of `special_tokens`, by key.
  private static func specialTokens(
    _ section: ConfigurationReader, vocabulary: TokenVocabulary
  ) throws(ModelError) -> [String: [TemplateProcessor.SpecialToken]] {
    let table = try section.nested("special_tokens")
    var result: [String: [TemplateProcessor.SpecialToken]] = [:]
    for key in table.object.keys {
      let entry = try table.nested(key)
      _ = try entry.string("id")
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
    var specialTokenCount = 0
    var texts: Set<String> = []
    try section.forEachNested(key) { piece throws(ModelError) in
      guard piece.object.count == 1 else {
        throw piece.failure(
          "\(piece.name(of: "").dropLast()): expected Sequence or SpecialToken, "
            + "got \(piece.object.count) keys")
      }
      if let text = try piece.optionalNested("Sequence") {
        let name = try text.string("id")
        guard name == "A" || name == "B" && key == "pair" else {
          throw text.failure(
            "\(text.name(of: "id")): expected \(key == "pair" ? "A or B" : "A"), "
              + "got \(quoted(name))")
        }
        // Repeated texts would multiply the number of tokens, and exceed the maximum length.
        guard texts.insert(name).inserted else {
          throw text.unsupported("template", "with the text \(name) twice", supported: [])
        }
        result.append(.text(isSecond: name == "B", typeID: try typeID(text)))
      } else {
        let special = try piece.nested("SpecialToken")
        let name = try special.string("id")
        guard let tokens = tokens[name] else {
          throw special.failure(
            "\(special.name(of: "id")): unknown special token \(quoted(name))")
        }
        specialTokenCount += tokens.count
        guard specialTokenCount <= specialTokenLimit else {
          throw section.failure(
            "\(section.name(of: key)): too many special tokens: more than \(specialTokenLimit)")
        }
        result.append(.special(tokens, typeID: try typeID(special)))
      }
    }
    return result
  }

  private static func typeID(_ reader: ConfigurationReader) throws(ModelError) -> Int {
    try reader.integer("type_id", in: 0...Int(Int32.max))
  }

  /// A special token written as `["[CLS]", 101]`.
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
