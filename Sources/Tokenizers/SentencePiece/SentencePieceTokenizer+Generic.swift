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
    let vocabulary = try ModelVocabulary(
      names.enumerated().map { ($1, Int32($0)) }, path: path)
    let tokenModel = try tokenModel(names, vocabulary)
    let isLegacy = try settings.flag("legacy") ?? true

    // Match added tokens in the original text, so that each part between them gets a prefix.
    if model.addsDummyPrefix { settings.findListedTokensInRawText() }
    let controls = model.pieces.filter { $0.kind == .control }
      .map { AddedToken(content: $0.text, id: 0, isSpecial: true) }
    let added = try settings.addedTokens(defaultExtras: controls, vocabulary: vocabulary)
    let processor = try TokenizerClass.generic.processor(
      settings, vocabulary: TokenVocabulary(model: vocabulary, added: added))

    var pipeline = try sections(isLegacy: isLegacy).pipeline(
      model: tokenModel, addedTokens: added, processor: processor, path: path)
    pipeline.normalizers.append(
      SentencePieceSpaces(
        removesExtra: model.removesExtraSpaces, escapes: model.escapesSpaces,
        doublesFirst: model.addsDummyPrefix && isLegacy))
    let userDefined = zip(names, model.pieces).filter { $1.kind == .userDefined }.map(\.0)
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

  private func tokenModel(
    _ names: [String], _ vocabulary: ModelVocabulary
  ) throws(ModelError) -> any TokenModel {
    switch model.kind {
    case .unigram:
      return try Unigram(
        vocabulary: vocabulary, scores: model.pieces.map { Double($0.score) },
        unknownID: model.unknownID, fallsBackToBytes: model.fallsBackToBytes, path: path)
    case .bytePairs:
      var options = BytePairEncoding.Options()
      options.unknownToken = model.unknownPiece
      options.fusesUnknown = true
      options.fallsBackToBytes = model.fallsBackToBytes
      options.ignoresMerges = model.pieces.contains { $0.kind == .userDefined }
      return try BytePairEncoding(
        vocabulary: vocabulary, pairs: merges(names), options: options, path: path)
    case .words, .letters:
      throw .unsupported(
        path: path, what: "SentencePiece model type word or char",
        supported: ["unigram", "bpe"])
    }
  }

  /// The merges of normal pieces, by descending score of the merged piece.
  private func merges(_ names: [String]) -> [SentencePieceMerges.Merge] {
    var normal: [[UInt8]: Int] = [:]
    for (id, piece) in model.pieces.enumerated() where piece.kind == .normal {
      normal[Array(names[id].utf8)] = id
    }
    let ranked = normal.values.sorted {
      let (left, right) = (model.pieces[$0].score, model.pieces[$1].score)
      return left == right ? $0 < $1 : left > right
    }
    return ranked.flatMap { id in
      SentencePieceMerges.splits(of: names[id]) { normal[Array($0.utf8)] != nil }
    }
  }

  /// The text of each piece. In BPE models, `added_tokens_decoder` may rename pieces.
  private func renamedPieces(_ settings: TokenizerSettings) -> [String] {
    let pieces = model.pieces.map(\.text)
    guard model.kind != .unigram, !settings.listedTokens.isEmpty else { return pieces }
    let kept = Set(
      pieces.indices.filter { settings.listedTokens[$0] == nil }.map { Array(pieces[$0].utf8) })
    return pieces.enumerated().map { id, piece in
      guard let name = settings.listedTokens[id]?.content, !name.isEmpty,
        !kept.contains(Array(name.utf8))
      else { return piece }
      return name
    }
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
  private var trie = ByteTrie()

  init(pieces: [String]) {
    for (index, piece) in pieces.enumerated() {
      _ = trie.insert(piece.utf8, value: Int32(index))
    }
  }

  func split(_ words: inout PreTokenizedText) {
    words.cut { bytes, word, emit in
      var start = word.lowerBound
      var index = start
      while index < word.upperBound {
        let match = trie.longestMatch(in: bytes, from: index, to: word.upperBound)
        guard match.value != ByteTrie.none else {
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
