extension SentencePieceTokenizer {
  /// The pipeline for classes without a specific one: the same steps as SentencePiece.
  ///
  /// - Source: `SpmConverter.build_tokenizer_from_spm_proto` of transformers 5.
  func genericPipeline() throws -> Tokenizer.Pipeline {
    var settings = settings
    if model.beginID >= 0 { settings.setDefault("bos_token", model.beginPiece) }
    if model.endID >= 0 { settings.setDefault("eos_token", model.endPiece) }
    if model.unknownID >= 0 { settings.setDefault("unk_token", model.unknownPiece) }
    let names = renamedPieces(settings)
    let vocabulary = try ModelVocabulary(names, path: path)
    let tokenModel = try tokenModel(vocabulary)
    let isLegacy = try settings.flag("legacy") ?? true

    // Match added tokens in the original text, so that each part between them gets a prefix.
    if model.addsDummyPrefix { settings.findListedTokensInRawText() }
    let controls = model.pieces.ids(of: .control)
      .map { AddedToken(content: model.pieces.text(at: $0), id: 0, isSpecial: true) }
    let added = try settings.addedTokens(defaultExtras: controls, vocabulary: vocabulary)
    let processor = try TokenizerClass.generic.processor(
      settings, vocabulary: TokenVocabulary(model: vocabulary, added: added))

    var pipeline = try sections(isLegacy: isLegacy).pipeline(
      model: tokenModel, addedTokens: added, processor: processor, path: path)
    pipeline.normalizers.append(
      SentencePieceSpaces(
        removesExtra: model.removesExtraSpaces, escapes: model.escapesSpaces,
        doublesFirst: model.addsDummyPrefix && isLegacy))
    let userDefined = model.pieces.ids(of: .userDefined).map(names.string)
    if !userDefined.isEmpty {
      let steps = [pipeline.preTokenizer, PieceSplitter(pieces: userDefined)].compactMap(\.self)
      pipeline.preTokenizer = PreTokenizerSequence(steps: steps)
    }
    return pipeline
  }

  private func sections(isLegacy: Bool) -> TokenizerSections {
    var decoders = [#"{"type":"Replace","pattern":{"String":"▁"},"content":" "}"#]
    if model.fallsBackToBytes { decoders.append(#"{"type":"ByteFallback"}"#) }
    if model.addsDummyPrefix || model.fallsBackToBytes { decoders.append(#"{"type":"Fuse"}"#) }
    if model.addsDummyPrefix {
      decoders.append(#"{"type":"Strip","content":" ","start":1,"stop":0}"#)
    }
    return TokenizerSections(
      normalizer: charsmap.map(TokenizerClass.precompiled),
      preTokenizer: model.addsDummyPrefix
        ? TokenizerClass.sequence(
          "pretokenizers",
          TokenizerClass.metaspace(prepending: isLegacy ? "always" : "first", splits: false)) : nil,
      decoder: #"{"type":"Sequence","decoders":[\#(decoders.joined(separator: ","))]}"#)
  }

  /// The model as SentencePiece runs it, with its own ids.
  ///
  /// - Throws: `ModelError.unsupported` for another model type than unigram or BPE.
  func exactModel() throws(ModelError) -> any TokenModel {
    let pieces = model.pieces
    let vocabulary = try ModelVocabulary(pieces.texts, path: path)
    guard model.kind == .unigram else { return try tokenModel(vocabulary) }
    // Control, unknown, unused and byte pieces are not found in texts.
    var found = TokenSet(count: pieces.count)
    var bounds: ClosedRange<Float>?
    for id in 0..<pieces.count where pieces.kinds[id] == .normal {
      found.insert(id)
      let score = pieces.scores[id]
      bounds = bounds.map { min($0.lowerBound, score)...max($0.upperBound, score) } ?? score...score
    }
    var scores = pieces.scores.map { Double($0) }
    for id in pieces.ids(of: .userDefined) {
      found.insert(id)
      // A bonus, so that SentencePiece always selects the piece.
      scores[id] = Double(Float(pieces.texts[id].count) * (bounds?.upperBound ?? 0) - 0.1)
    }
    return try Unigram(
      vocabulary: vocabulary, scores: scores, unknownID: model.unknownID,
      fallsBackToBytes: model.fallsBackToBytes,
      exactSearch: .init(found: found, lowestScore: Double(bounds?.lowerBound ?? 0)), path: path)
  }

  private func tokenModel(
    _ vocabulary: ModelVocabulary
  ) throws(ModelError) -> any TokenModel {
    switch model.kind {
    case .unigram:
      return try Unigram(
        vocabulary: vocabulary, scores: model.pieces.scores.map { Double($0) },
        unknownID: model.unknownID, fallsBackToBytes: model.fallsBackToBytes, path: path)
    case .bytePairs:
      var options = BytePairEncoding.Options()
      options.unknownToken = model.unknownPiece
      options.fusesUnknown = true
      options.fallsBackToBytes = model.fallsBackToBytes
      options.ignoresMerges = model.pieces.kinds.contains(.userDefined)
      return try BytePairEncoding(
        vocabulary: vocabulary, merges: merges(vocabulary), options: options, path: path)
    case .words, .letters:
      throw .unsupported(
        path: path, what: "SentencePiece model type word or char",
        supported: ["unigram", "bpe"])
    }
  }

  /// The merges of normal pieces, by descending score of the merged piece.
  private func merges(_ vocabulary: ModelVocabulary) throws(ModelError) -> MergeBuilder {
    /// The last normal piece of each text, by the index of the text in the vocabulary; −1: none.
    var normal = [Int32](repeating: -1, count: vocabulary.count)
    for (id, kind) in model.pieces.kinds.enumerated() where kind == .normal {
      if let index = vocabulary.lastIndex(ofTokenAt: id) { normal[index] = Int32(id) }
    }
    let scores = model.pieces.scores
    let ranked = normal.indices.filter { normal[$0] >= 0 }.sorted {
      let (left, right) = (Int(normal[$0]), Int(normal[$1]))
      return scores[left] == scores[right] ? left < right : scores[left] > scores[right]
    }
    let parts = normal
    return try SentencePieceMerges(vocabulary: vocabulary, path: path) { parts[$0] >= 0 }
      .merges(of: ranked)
  }

  /// The text of each piece. In BPE models, `added_tokens_decoder` may rename pieces.
  private func renamedPieces(_ settings: TokenizerSettings) -> ByteStrings {
    let texts = model.pieces.texts
    guard model.kind != .unigram, !settings.listedTokens.isEmpty else { return texts }
    let listed = settings.listedTokens.mapValues { Array($0.content.utf8)[...] }
    let names = Set(listed.values)
    let kept = Set(
      (0..<texts.count).lazy.filter { listed[$0] == nil }.map { texts.bytes[texts[$0]] }
        .filter(names.contains))
    var result = ByteStrings(count: texts.count, byteCount: texts.bytes.count)
    for id in 0..<texts.count {
      let text = texts.bytes[texts[id]]
      if let name = listed[id], !name.isEmpty, !kept.contains(name) {
        result.append(name)
      } else {
        result.append(text)
      }
    }
    return result
  }
}

/// Removes extra spaces and replaces spaces by "▁", as SentencePiece does.
///
/// - Source: `normalizer_spec` of SentencePiece: `remove_extra_whitespaces`, `escape_whitespaces`.
struct SentencePieceSpaces: Normalizer {
  /// Whether to remove spaces at both ends, and to reduce runs of spaces to one.
  let removesExtra: Bool
  /// Whether to replace spaces by "▁".
  let escapes: Bool
  /// Whether to prepend "▁" to texts that start with "▁", because `Metaspace` does not.
  let doublesFirst: Bool

  private static let escaped = Array("\u{2581}".utf8)

  func normalize(_ text: inout NormalizedText) {
    var result = NormalizedText()
    result.reserveCapacity(text.bytes.count + 16)
    let end = removesExtra ? (text.bytes.lastIndex { $0 != 0x20 } ?? -1) + 1 : text.bytes.count
    for index in 0..<end {
      let (byte, origin) = (text.bytes[index], text.origins[index])
      guard byte == 0x20 else {
        result.append(byte, origin: origin)
        continue
      }
      // Keep the last space of each run, except at the start of the text.
      if removesExtra, result.bytes.isEmpty || index + 1 < end && text.bytes[index + 1] == 0x20 {
        continue
      }
      for byte in escapes ? Self.escaped : [0x20] { result.append(byte, origin: origin) }
    }
    if doublesFirst, result.bytes.starts(with: Self.escaped) {
      result.bytes.insert(contentsOf: Self.escaped, at: 0)
      result.origins.insert(contentsOf: repeatElement(result.origins[0], count: 3), at: 0)
    }
    text = result
  }
}

/// Makes each match of given pieces a word: the leftmost match, and the longest one if several pieces match
/// there.
struct PieceSplitter: PreTokenizer {
  private let pieces: ByteTrie

  init(pieces: [String]) { self.pieces = ByteTrie(ByteStrings(pieces), keeping: .first) }

  func split(_ words: inout PreTokenizedText) {
    words.cut { bytes, word, emit in
      var start = word.lowerBound
      var index = start
      while index < word.upperBound {
        let match = pieces.longestMatch(
          in: bytes, from: index, to: word.upperBound, after: pieces.root)
        guard match.string != ByteTrie.none else {
          index += 1
          continue
        }
        if start < index { emit(start..<index) }
        emit(index..<match.end)
        start = match.end
        index = start
      }
      if start < word.upperBound { emit(start..<word.upperBound) }
    }
  }
}
