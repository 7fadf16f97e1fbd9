/// Reads the section `pre_tokenizer` of `tokenizer.json`.
struct PreTokenizerReader {
  private static let supported = [
    "BertPreTokenizer", "ByteLevel", "CharDelimiterSplit", "Digits", "FixedLength", "Metaspace",
    "Punctuation", "Sequence", "Split", "UnicodeScripts", "Whitespace", "WhitespaceSplit",
  ]
  /// Rust's `char::is_numeric`.
  private static let number = TextPattern(each: ScalarSet(UnicodeSplittingTables.numeric))
  /// BERT's punctuation.
  private static let punctuation = TextPattern(each: ScalarSet(UnicodePropertyTables.punctuation))

  private(set) var steps: [any PreTokenizer] = []

  init(_ section: ConfigurationReader) throws(ModelError) { try add(section) }

  /// Whether the last step is byte-level: then the model may take the bytes directly, without mapping
  /// them to scalars.
  var endsInByteLevel: Bool { steps.last is ByteLevelPreTokenizer }

  /// The steps; if `takesBytes`, the last one does not map bytes to scalars.
  func preTokenizer(forBytes takesBytes: Bool) -> any PreTokenizer {
    var steps = steps
    if takesBytes, let last = steps.popLast() as? ByteLevelPreTokenizer {
      steps.append(
        ByteLevelPreTokenizer(
          addsPrefixSpace: last.addsPrefixSpace, usesPattern: last.usesPattern,
          writesLetters: false))
    }
    return PreTokenizerSequence(steps: steps)
  }

  private mutating func add(_ section: ConfigurationReader) throws(ModelError) {
    try section.requireFewSteps(after: steps.count)
    let type = try section.string("type")
    switch type {
    case "BertPreTokenizer": steps.append(ScalarClassSplitter.bert)
    case "UnicodeScripts": steps.append(UnicodeScriptSplitter())
    case "Whitespace": steps.append(ScalarClassSplitter.whitespace)
    case "WhitespaceSplit": steps.append(ScalarClassSplitter.whitespaceSplit)
    case "ByteLevel": try addByteLevel(section)
    case "CharDelimiterSplit":
      steps.append(PatternSplitter(.literal(try section.scalar("delimiter")), .removed))
    case "Digits":
      let isIndividual = try section.boolean("individual_digits")
      steps.append(
        PatternSplitter(Self.number, isIndividual ? .isolated : .contiguous))
    case "FixedLength":
      steps.append(
        FixedLengthSplitter(
          length: try section.optionalInteger("length", in: 1...Int(Int32.max)) ?? 5))
    case "Metaspace": steps.append(try metaspace(section))
    case "Punctuation":
      steps.append(PatternSplitter(Self.punctuation, try behavior(section) ?? .isolated))
    case "Split":
      guard let behavior = try behavior(section) else {
        throw section.failure("missing key \(section.name(of: "behavior"))")
      }
      steps.append(
        PatternSplitter(
          try section.pattern("pattern"), behavior, isInverted: try section.boolean("invert")))
    case "Sequence":
      try section.forEachNested("pretokenizers") { step throws(ModelError) in try add(step) }
    default:
      throw section.unsupported("pre-tokenizer", type, supported: Self.supported)
    }
  }

  private mutating func addByteLevel(_ section: ConfigurationReader) throws(ModelError) {
    // Each ByteLevel step may double the length of the text.
    guard !steps.contains(where: { $0 is ByteLevelPreTokenizer }) else {
      throw section.unsupported("pre-tokenizer", "ByteLevel after ByteLevel", supported: [])
    }
    let options = try ByteLevelOptions(section)
    steps.append(
      ByteLevelPreTokenizer(
        addsPrefixSpace: options.addsPrefixSpace, usesPattern: options.usesPattern,
        writesLetters: true))
  }

  private func metaspace(_ section: ConfigurationReader) throws(ModelError) -> Metaspace {
    guard !steps.contains(where: { $0 is Metaspace }) else {
      throw section.unsupported("pre-tokenizer", "Metaspace after Metaspace", supported: [])
    }
    return Metaspace(
      replacement: try section.scalar("replacement"),
      prepending: try section.metaspacePrepending(),
      splits: try section.optionalBoolean("split") ?? true)
  }

  private func behavior(
    _ section: ConfigurationReader
  ) throws(ModelError) -> PatternSplitter.Behavior? {
    try section.refuseNull("behavior", expected: "string")
    guard let name = try section.optionalString("behavior") else { return nil }
    guard let behavior = PatternSplitter.Behavior(rawValue: name) else {
      throw section.unsupported(
        "split behavior", name, supported: PatternSplitter.Behavior.allCases.map(\.rawValue))
    }
    return behavior
  }
}

extension ConfigurationReader {
  /// The value of `prepend_scheme`, or of `add_prefix_space` in old files.
  func metaspacePrepending() throws(ModelError) -> Metaspace.Prepending {
    try refuseNull("prepend_scheme", expected: "string")
    let name = try optionalString("prepend_scheme")
    guard let prepending = Metaspace.Prepending(rawValue: name ?? "always") else {
      throw unsupported(
        "prepend_scheme", name ?? "", supported: Metaspace.Prepending.allCases.map(\.rawValue))
    }
    guard try optionalBoolean("add_prefix_space") == false else { return prepending }
    guard name == nil || prepending == .never else {
      throw failure(
        "\(self.name(of: "add_prefix_space")): false contradicts prepend_scheme "
          + "\(prepending.rawValue)")
    }
    return .never
  }
}
