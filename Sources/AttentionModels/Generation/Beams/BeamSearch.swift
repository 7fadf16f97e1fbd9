import Attention

/// Beam searches for several prompts at once, which know nothing of one another.
struct BeamSearch {
  /// A search that has not ended.
  private struct Search {
    let prompt: Int
    var beams: BeamHypotheses
    var random: RandomSource
    /// The place of each beam among the prompt's sequences in the model's state.
    var places: [Int]
    /// The text of each beam; none where no stop string is looked for.
    var decoders: [StreamingTextDecoder]
  }

  private var batch: GenerationBatch
  private var searches: [Search] = []
  private var isFirst = true
  private var processors: LogitsProcessors
  private let samplingFilter: SamplingFilter
  private var probabilities = TokenProbabilities()
  private var scratch: [Float] = []
  /// The scores of all continuations of one prompt's beams, `[beam, vocabulary]`.
  private var scores: [Float]

  init(
    _ model: any LanguageModel, prompts: [[Int]], options: GenerationOptions, format: TextFormat?
  ) throws {
    batch = try GenerationBatch(model, prompts: prompts, options: options)
    processors = LogitsProcessors(options, vocabularySize: model.vocabularySize)
    samplingFilter = SamplingFilter(options, least: max(2, options.allEOSTokens.count + 1))
    scores = Array(repeating: 0, count: options.beamCount * model.vocabularySize)
    for (prompt, history) in batch.histories.enumerated() {
      let seed = options.seed ?? UInt64.random(in: 0 ... .max)
      let decoder = format.map {
        StreamingTextDecoder($0, after: history.ids, stopStrings: options.stopStrings)
      }
      searches.append(
        Search(
          prompt: prompt, beams: BeamHypotheses(options, history: history),
          random: RandomSource(seed: seed, number: 0),
          places: Array(repeating: 0, count: options.beamCount),
          decoders: options.stopStrings.isEmpty
            ? [] : Array(repeating: decoder, count: options.beamCount).compactMap(\.self)))
    }
  }

  /// Whether all searches have ended.
  var isDone: Bool { searches.isEmpty }

  /// The tokens that each prompt's sequence began with.
  var starts: [[Int]] { batch.histories.map(\.ids) }

  /// Adds a token to each beam of each search that has not ended.
  ///
  /// - Returns: of each search that ends now its prompt's number, and its texts, the best first.
  /// - Throws: as `GenerationBatch.advance()`; `AttentionError.argument` naming "logits" where no token
  ///   may follow.
  mutating func step() throws -> [(prompt: Int, texts: [GeneratedTokens])] {
    guard !isDone else { return [] }
    try batch.advance()
    let count = batch.options.beamCount
    var ended: [(prompt: Int, texts: [GeneratedTokens])] = []
    var (sources, tokens): ([Int], [Int]) = ([], [])
    var going: [Search] = []
    for (index, search) in searches.enumerated() {
      var search = search
      let first = isFirst ? index : index * count
      let next = try step(&search, rows: search.places.map { first + $0 })
      if search.beams.isDone {
        ended.append((search.prompt, results(of: search)))
      } else {
        let parents = next.map { search.places[$0.beam] }
        search.places = Self.places(after: parents)
        // By place, where candidates are in the order of their scores.
        let order = next.indices.sorted { search.places[$0] < search.places[$1] }
        sources += order.map { first + parents[$0] }
        tokens += order.map { next[$0].token }
        going.append(search)
      }
    }
    searches = going
    isFirst = false
    if !going.isEmpty { try batch.select(sources, appending: tokens) }
    return ended
  }

  /// Where beams go that come from these places: one from each place stays there, so that little of the
  /// model's state has to move.
  private static func places(after parents: [Int]) -> [Int] {
    var free = Set(parents.indices)
    var places = parents.map { free.remove($0) }
    for index in places.indices where places[index] == nil {
      places[index] = free.min().flatMap { free.remove($0) }
    }
    return places.compactMap(\.self)
  }

  private mutating func step(_ search: inout Search, rows: [Int]) throws -> [BeamHypotheses
    .Candidate]
  {
    let loops = Backend.current.kernels.loops
    let size = batch.model.vocabularySize
    try score(search.beams, rows: rows)
    let count = BeamHypotheses.candidateCount(batch.options)
    let largest = scores.withUnsafeMutableBufferPointer { scores in
      batch.options.isSampling
        ? Self.sample(
          count, from: scores, random: &search.random, probabilities: &probabilities, loops: loops)
        : TopK.find(count, in: UnsafeBufferPointer(scores), loops: loops)
    }
    guard let best = largest.first, best.value > -.infinity else {
      throw GenerationBatch.noToken(after: batch.histories[rows[0]])
    }
    var decoders: [StreamingTextDecoder] = []
    var candidates: [BeamHypotheses.Candidate] = []
    for entry in largest {
      let (beam, token) = (entry.index / size, entry.index % size)
      var reason = finishReason(token: token, history: batch.histories[rows[beam]])
      if !search.decoders.isEmpty {
        var decoder = search.decoders[beam]
        _ = decoder.append(token)
        if reason != nil { _ = decoder.finish() }
        if let stop = decoder.stopString { reason = .stopString(stop) }
        decoders.append(decoder)
      }
      candidates.append(
        BeamHypotheses.Candidate(beam: beam, token: token, score: entry.value, finishReason: reason)
      )
    }
    let next = search.beams.step(candidates) { candidate in
      batch.withLogits(of: rows[candidate.beam]) {
        GeneratedToken(
          id: candidate.token, logits: $0, options: batch.options, scratch: &scratch, loops: loops)
      }
    }
    if !decoders.isEmpty {
      search.decoders = next.compactMap { going in
        zip(candidates, decoders).first {
          $0.0.beam == going.beam && $0.0.token == going.token
        }?.1
      }
    }
    return next
  }

  private func finishReason(token: Int, history: TokenHistory) -> FinishReason? {
    if batch.options.allEOSTokens.contains(token) { return .eosToken(token) }
    return history.ids.count + 1 >= history.maxLength ? .length : nil
  }

  /// Writes the score of each beam with each token.
  private mutating func score(_ beams: BeamHypotheses, rows: [Int]) throws {
    let loops = Backend.current.kernels.loops
    let (size, samplingFilter) = (batch.model.vocabularySize, samplingFilter)
    try scores.withUnsafeMutableBufferPointer { scores in
      for (beam, source) in rows.enumerated() {
        let row = UnsafeMutableBufferPointer(
          rebasing: scores[beam * size..<(beam + 1) * size])
        try batch.withLogits(of: source) { logits in
          guard loops.maximum(logits) > -.infinity else {
            throw GenerationBatch.noToken(after: batch.histories[source])
          }
          _ = row.update(fromContentsOf: logits)
          LogProbabilities(logits, scratch: &scratch, loops: loops).replace(row)
        }
        processors.process(row, after: batch.histories[source])
        if batch.options.isSampling {
          samplingFilter.filter(row, probabilities: &probabilities, loops: loops)
        }
        if batch.options.renormalizesLogits {
          let logits = UnsafeBufferPointer(row)
          if loops.maximum(logits) > -.infinity {
            LogProbabilities(logits, scratch: &scratch, loops: loops).replace(row)
          }
        }
        let score = beams.scores[beam]
        for index in row.indices { row[index] += score }
      }
    }
  }

  /// Draws `count` different continuations with probabilities softmax(score), the best first.
  private static func sample(
    _ count: Int, from scores: UnsafeMutableBufferPointer<Float>, random: inout RandomSource,
    probabilities: inout TokenProbabilities, loops: any VectorLoops
  ) -> [TopK.Entry] {
    var sampled: [TopK.Entry] = []
    while sampled.count < min(count, scores.count) {
      let maximum = loops.maximum(UnsafeBufferPointer(scores))
      guard maximum > -.infinity else { break }
      probabilities.compute(UnsafeBufferPointer(scores), maximum: maximum, loops: loops)
      let index = probabilities.token(at: random.nextUnit())
      sampled.append(TopK.Entry(index: index, value: scores[index]))
      scores[index] = -.infinity
    }
    // Where fewer can come at all, impossible ones fill the places.
    let taken = Set(sampled.map(\.index))
    for index in scores.indices where sampled.count < count && !taken.contains(index) {
      sampled.append(TopK.Entry(index: index, value: -.infinity))
    }
    return sampled.sorted {
      $0.value > $1.value || ($0.value == $1.value && $0.index < $1.index)
    }
  }

  private func results(of search: Search) -> [GeneratedTokens] {
    search.beams.ended.prefix(batch.options.resultCount).compactMap { ended in
      ended.result.map {
        GeneratedTokens(
          tokens: $0.tokens, finishReason: $0.finishReason, score: ended.score)
      }
    }
  }
}
