/// Reads the section `decoder` of `tokenizer.json`.
struct DecoderReader {
  private static let supported = [
    "BPEDecoder", "ByteFallback", "ByteLevel", "Fuse", "Metaspace", "Replace", "Sequence", "Strip",
    "WordPiece",
  ]

  private var steps: [any DecodingStep] = []
  /// Whether the steps so far join all tokens into one, which arrives in pieces.
  private var isFused = false

  static func decoder(_ section: ConfigurationReader) throws(ModelError) -> TokenDecoder {
    var reader = DecoderReader()
    try reader.add(section)
    return TokenDecoder(steps: reader.steps)
  }

  private mutating func add(_ section: ConfigurationReader) throws(ModelError) {
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
      for step in try section.nestedArray("decoders") { try add(step) }
    default:
      throw section.unsupported("decoder", type, supported: Self.supported)
    }
  }

  private mutating func addForWholeTokens(_ step: some DecodingStep) {
    if isFused { steps.append(WholeTokenDecoding()) }
    isFused = false
    steps.append(step)
  }
}
