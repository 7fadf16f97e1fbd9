/// Reads the section `decoder` of `tokenizer.json`.
struct DecoderReader {
  private static let supported = [
    "BPEDecoder", "ByteFallback", "ByteLevel", "Fuse", "Metaspace", "Replace", "Sequence", "Strip",
    "WordPiece",
  ]

  private var steps: [any DecodingStep] = []
  /// The factor by which the steps so far may make a text longer.
  private var growth = 1
  private static let growthLimit = 256
  /// Whether the steps so far join all tokens into one, which arrives in pieces.
  private var isFused = false

  static func decoder(_ section: ConfigurationReader) throws(ModelError) -> TokenDecoder {
    var reader = DecoderReader()
    try reader.add(section)
    return TokenDecoder(steps: reader.steps)
  }

  private mutating func add(_ section: ConfigurationReader) throws(ModelError) {
    try section.requireFewSteps(after: steps.count)
    let type = try section.string("type")
    switch type {
    case "BPEDecoder":
      let suffix = try section.shortText("suffix")
      guard !suffix.isEmpty else {
        throw section.failure("\(section.name(of: "suffix")): expected a nonempty string")
      }
      addForWholeTokens(SuffixDecoding(suffix: suffix))
    case "ByteFallback": addForWholeTokens(ByteFallbackDecoding())
    case "ByteLevel":
      _ = try ByteLevelOptions(section)
      addForWholeTokens(ByteLevelDecoding())
      isFused = true
    case "Fuse":
      steps.append(FuseDecoding())
      isFused = true
    case "Metaspace":
      // Without effect in a decoder, but Hugging Face tokenizers rejects other types.
      _ = try section.optionalBoolean("split")
      steps.append(
        MetaspaceDecoding(
          replacement: try section.scalar("replacement"),
          dropsFirst: try section.metaspacePrepending() != .never))
    case "Replace":
      let pattern = try section.pattern("pattern")
      let step = ReplaceDecoding(pattern: pattern, content: try section.shortText("content"))
      growth *= Self.growth(of: step)
      guard growth <= Self.growthLimit else {
        throw section.failure(
          "\(section.name(of: "content")): the steps may make a text \(growth) times longer, "
            + "the limit is \(Self.growthLimit)")
      }
      // A match of one scalar is always within one piece of a token; other matches may span pieces.
      if case .literal(let text) = pattern, decodeScalar(text, at: 0).count == text.count {
        steps.append(step)
      } else {
        addForWholeTokens(step)
      }
    case "Strip":
      steps.append(
        StripDecoding(
          content: try section.scalar("content"),
          start: try section.integer("start", in: 0...1 << 16),
          stop: try section.integer("stop", in: 0...1 << 16)))
    case "WordPiece":
      addForWholeTokens(
        WordPieceDecoding(
          prefix: try section.shortText("prefix"), cleansUp: try section.boolean("cleanup")))
    case "Sequence":
      try section.forEachNested("decoders") { step throws(ModelError) in try add(step) }
    default:
      throw section.unsupported("decoder", type, supported: Self.supported)
    }
  }

  /// The factor by which a step may make a text longer.
  private static func growth(of step: ReplaceDecoding) -> Int {
    guard case .literal(let text) = step.pattern else {
      // A pattern may match the empty string at each position.
      return 1 + step.content.count
    }
    return max(1, (step.content.count + text.count - 1) / text.count)
  }

  private mutating func addForWholeTokens(_ step: some DecodingStep) {
    if isFused { steps.append(WholeTokenDecoding()) }
    isFused = false
    steps.append(step)
  }
}
