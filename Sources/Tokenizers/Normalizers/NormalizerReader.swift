/// Reads the section `normalizer` of `tokenizer.json`.
enum NormalizerReader {
  private static let supported = [
    "BertNormalizer", "ByteLevel", "Lowercase", "NFC", "NFD", "NFKC", "NFKD", "Nmt", "Precompiled",
    "Prepend", "Replace", "Sequence", "Strip", "StripAccents",
  ]

  /// The normalizers in order, with sequences flattened.
  static func normalizers(_ section: ConfigurationReader) throws(ModelError) -> [any Normalizer] {
    let type = try section.string("type")
    switch type {
    case "BertNormalizer":
      let lowercases = try section.boolean("lowercase")
      return try [
        BertNormalizer(
          cleansText: section.boolean("clean_text"),
          spacesChinese: section.boolean("handle_chinese_chars"),
          stripsAccents: section.optionalBoolean("strip_accents") ?? lowercases,
          lowercases: lowercases)
      ]
    case "ByteLevel": return [ByteLevelNormalizer()]
    case "Lowercase": return [LowercaseNormalizer()]
    case "NFC": return [UnicodeNormalizer(isCompatible: false, composes: true)]
    case "NFD": return [UnicodeNormalizer(isCompatible: false, composes: false)]
    case "NFKC": return [UnicodeNormalizer(isCompatible: true, composes: true)]
    case "NFKD": return [UnicodeNormalizer(isCompatible: true, composes: false)]
    case "Nmt": return [NmtNormalizer()]
    case "Precompiled":
      let key = "precompiled_charsmap"
      let charsmap = try Charsmap(
        base64: section.string(key), name: section.name(of: key), path: section.path)
      return [PrecompiledNormalizer(charsmap)]
    case "Prepend":
      return [PrependNormalizer(content: try section.shortText("prepend"))]
    case "Replace":
      return try [
        ReplaceNormalizer(
          pattern: section.pattern("pattern"), content: section.shortText("content"))
      ]
    case "StripAccents": return [StripAccentsNormalizer()]
    case "Strip":
      return try [
        StripNormalizer(
          left: section.boolean("strip_left"), right: section.boolean("strip_right"))
      ]
    case "Sequence":
      var steps: [any Normalizer] = []
      try section.forEachNested("normalizers") { step throws(ModelError) in
        steps += try normalizers(step)
        try section.requireFewSteps(after: steps.count)
      }
      return steps
    default:
      throw section.unsupported("normalizer", type, supported: supported)
    }
  }
}
