import AttentionCore

/// The options of `ByteLevel` in `tokenizer.json`. A pre-tokenizer, a post-processor and a decoder of this type
/// have the same options; Hugging Face tokenizers rejects files in which the options without effect are invalid.
struct ByteLevelOptions {
  let addsPrefixSpace: Bool
  let trimsOffsets: Bool
  let usesPattern: Bool

  init(_ section: ConfigurationReader) throws(ModelError) {
    addsPrefixSpace = try section.boolean("add_prefix_space")
    trimsOffsets = try section.boolean("trim_offsets")
    guard section.object["use_regex"] != nil else {
      usesPattern = true
      return
    }
    usesPattern = try section.boolean("use_regex")
  }
}
