extension TokenizerSettings {
  /// Adds the tokens of all files to a vocabulary, in the order that decides about their ids: those of
  /// `tokenizer.json`, the listed ones by their ids, the named ones, the extra ones.
  ///
  /// - Parameters:
  ///   - fileTokens: the tokens in `tokenizer.json`, with the ids that the file states. A class with a
  ///     pipeline of its own has them only where there is no `added_tokens_decoder`.
  ///   - defaultExtras: the extra tokens where the files have none.
  /// - Throws: `ModelError.tokenizer` where a token finds no free id.
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
      // Where `added_tokens.json` states another token for the same id, `tokenizer.json` counts.
      for token in fileTokens { listed[Int(token.id)] = token }
    }
    for (_, token) in listed.sorted(by: { $0.key < $1.key }) {
      var token = token
      // A token that the list has with the same flags stays as it is.
      if list[token.content]?.hasFlags(of: token) ?? false { continue }
      token.isSpecial = token.isSpecial || names.contains(Array(token.content.utf8))
      try list.add(token)
    }
    let extras = extraTokens ?? defaultExtras
    // Of tokens that only have names, the last one's flags hold.
    let known = list
    for token in named + extras where known[token.content] == nil { try list.add(token) }
    if tokenizerClass == .qwen2 {
      // This class adds all of them once more, without flags.
      for token in named + extras {
        try list.add(AddedToken(content: token.content, id: 0, isSpecial: true))
      }
    }
    return list.tokens
  }
}

extension AddedToken {
  /// Whether the two are looked for in the same way.
  fileprivate func hasFlags(of other: AddedToken) -> Bool {
    var other = other
    other.id = id
    return self == other
  }
}
