import AttentionCore

// One-line descriptions: sizes and the first ids.

extension Tokenizer: CustomStringConvertible {
  /// The size of the vocabulary, such as `Tokenizer(vocabulary 30522)`.
  public var description: String { "Tokenizer(vocabulary \(vocabularySize))" }
}

extension Encoding: CustomStringConvertible {
  /// The first ids, such as `Encoding(4 tokens [101, 1996, 4937, 102])`.
  public var description: String {
    DescriptionText.parts(
      "Encoding", "\(counted(count, "token")) \(DescriptionText.list(ids))",
      wasTruncated ? "truncated from \(untruncatedCount)" : nil)
  }
}

extension StreamingDecoder: CustomStringConvertible {
  /// The name of the type.
  public var description: String { "StreamingDecoder" }
}
