extension TokenizerSettings {
  /// The added tokens of all files with their ids. The order determines the ids: tokens of
  /// `tokenizer.json`, listed tokens by id, named tokens, extra tokens.
  ///
  /// - Parameters:
  ///   - fileTokens: the tokens of `tokenizer.json`, with the ids in the file. Classes other than
  ///     `.generic` use them only if there is no `added_tokens_decoder`.
  ///   - defaultExtras: the extra tokens if the files define none.
  /// - Throws: `ModelError.tokenizer` if no id is free.
  /// - Source: `TokenizersBackend.__init__` of transformers 5.
  func addedTokens(
    fileTokens: [AddedToken] = [], defaultExtras: [AddedToken] = [], vocabulary: ModelVocabulary
  ) throws(ModelError) -> [AddedToken] {
    var list = AddedTokenList(vocabulary: vocabulary, path: file.path)
    if tokenizerClass == .generic {
      for token in fileTokens { try list.add(token) }
    }
    let named = allNamedTokens
    let names = Set(named.map { Array($0.content.utf8) })
    var listed = listedTokens
    if file.value("added_tokens_decoder") == nil {
      // If `added_tokens.json` has another token for the same id, `tokenizer.json` takes precedence.
      for token in fileTokens { listed[Int(token.id)] = token }
    }
    for (_, token) in listed.sorted(by: { $0.key < $1.key }) {
      var token = token
      // Skip tokens that are already in the list with the same flags.
      if list[token.content]?.hasFlags(of: token) ?? false { continue }
      token.isSpecial = token.isSpecial || names.contains(Array(token.content.utf8))
      try list.add(token)
    }
    let extras = extraTokens ?? defaultExtras
    // If a new token occurs more than once here, the flags of the last one count.
    let known = list
    for token in named + extras where known[token.content] == nil { try list.add(token) }
    if tokenizerClass == .qwen2 {
      // This class adds the named and extra tokens again, without flags.
      for token in named + extras {
        try list.add(AddedToken(content: token.content, id: 0, isSpecial: true))
      }
    }
    return list.tokens
  }
}

extension AddedToken {
  /// Whether two tokens are equal except for their ids.
  fileprivate func hasFlags(of other: AddedToken) -> Bool {
    var other = other
    other.id = id
    return self == other
  }
}
