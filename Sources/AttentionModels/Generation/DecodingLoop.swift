import Attention

/// Texts that are written a token at a time, the likeliest or one that is drawn.
struct DecodingLoop {
  /// A text that is being written.
  private struct Text {
    /// Its place among the results: the prompt, and the number of the text among that prompt's.
    let place: Place
    var random: RandomSource
    var decoder: StreamingTextDecoder?
  }

  /// Where a text belongs.
  struct Place: Hashable {
    let prompt: Int
    let number: Int
  }

  /// What a step has added to one text.
  struct Event {
    let place: Place
    let token: GeneratedToken
    /// The text that has become certain.
    let text: String
    /// Why the text ends, if it does.
    let finishReason: FinishReason?
  }

  private var batch: GenerationBatch
  private var texts: [Text] = []
  private var isFirst = true
  private var sampler: Sampler

  /// - Parameter format: how tokens become text; nil for tokens alone.
  init(
    _ model: any LanguageModel, prompts: [[Int]], options: GenerationOptions, format: TextFormat?
  ) throws {
    batch = try GenerationBatch(model, prompts: prompts, options: options)
    sampler = Sampler(options, vocabularySize: model.vocabularySize)
    for (prompt, history) in batch.histories.enumerated() {
      let decoder = format.map {
        StreamingTextDecoder($0, after: history.ids, stopStrings: options.stopStrings)
      }
      let seed = options.seed ?? UInt64.random(in: 0 ... .max)
      for number in 0..<options.resultCount {
        texts.append(
          Text(
            place: Place(prompt: prompt, number: number),
            random: RandomSource(seed: seed, number: number), decoder: decoder))
      }
    }
  }

  /// Whether all texts have ended.
  var isDone: Bool { texts.isEmpty }

  /// How many tokens each prompt's sequence began with.
  var startCounts: [Int] { batch.histories.map(\.startCount) }

  /// Adds a token to each text that has not ended.
  ///
  /// - Returns: one event for each of these texts.
  /// - Throws: as `GenerationBatch.advance()`; `AttentionError.argument` naming "logits" where no token
  ///   may follow.
  mutating func step() throws -> [Event] {
    guard !isDone else { return [] }
    try batch.advance()
    // The texts of one prompt part with their first token.
    let sources = texts.indices.map { isFirst ? texts[$0].place.prompt : $0 }
    isFirst = false
    var events: [Event] = []
    for (index, source) in sources.enumerated() {
      events.append(try append(to: index, source: source))
    }
    let unfinished = texts.indices.filter { events[$0].finishReason == nil }
    texts = unfinished.map { texts[$0] }
    if !unfinished.isEmpty {
      try batch.select(
        unfinished.map { sources[$0] }, appending: unfinished.map { events[$0].token.id })
    }
    return events
  }

  private mutating func append(to index: Int, source: Int) throws -> Event {
    let history = batch.histories[source]
    let token = try batch.withLogits(of: source) { logits in
      try sampler.choose(logits, after: history, random: &texts[index].random)
    }
    var piece = texts[index].decoder?.append(token.id) ?? ""
    var reason: FinishReason?
    if batch.options.allEOSTokens.contains(token.id) {
      reason = .eosToken(token.id)
    } else if history.ids.count + 1 >= history.maxLength {
      reason = .length
    }
    if reason != nil { piece += texts[index].decoder?.finish() ?? "" }
    if let stop = texts[index].decoder?.stopString { reason = .stopString(stop) }
    return Event(
      place: texts[index].place, token: token, text: piece, finishReason: reason)
  }
}
