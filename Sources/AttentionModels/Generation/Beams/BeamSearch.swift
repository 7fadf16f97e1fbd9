import Attention

/// A beam search for one prompt.
struct BeamSearch: DecodingStrategy {
  private let plan: DecodingPlan
  private var scorer: BeamScorer
  private var random: SplitMix64
  /// The tokens at the start of the sequence.
  private let start: [Int]
  private var histories: [TokenHistory]
  /// The text decoder of each beam; empty without stop strings.
  private var decoders: [StreamingTextDecoder]
  /// For each beam, the index of its sequence in the last step.
  private var sequences: [Int]

  init(_ plan: DecodingPlan, history: TokenHistory) {
    let options = plan.options
    self.plan = plan
    scorer = BeamScorer(options, history: history)
    random = SplitMix64(seed: options.seed ?? UInt64.random(in: 0 ... .max), number: 0)
    start = history.ids
    histories = Array(repeating: history, count: options.beamCount)
    sequences = Array(repeating: 0, count: options.beamCount)
    let decoder = options.stopStrings.isEmpty ? nil : plan.textDecoder(after: history.ids)
    decoders = decoder.map { Array(repeating: $0, count: options.beamCount) } ?? []
  }

  var sequenceCount: Int { plan.options.beamCount }

  mutating func step(
    _ logits: NextLogits, _ scratch: inout SamplingScratch
  ) throws -> StepOutput {
    let kernels = Backend.current.kernels
    try score(logits, &scratch)
    let count = BeamScorer.candidateCount(plan.options)
    let best = scratch.rows.withUnsafeMutableBufferPointer { scores in
      plan.options.isSampling
        ? Self.sample(
          count, from: scores, random: &random, probabilities: &scratch.probabilities,
          kernels: kernels)
        : TopK.find(count, in: UnsafeBufferPointer(scores), kernels: kernels)
    }
    guard let first = best.first, first.value > -.infinity else { throw histories[0].noTokenError }
    let vocabularySize = logits[0].count
    let candidates = best.map { entry in
      candidate(
        beam: entry.index / vocabularySize, token: entry.index % vocabularySize,
        score: entry.value)
    }
    let next = scorer.step(candidates.map(\.candidate)) { [options = plan.options, sequences] in
      GeneratedToken(
        id: $0.token, logits: logits[sequences[$0.beam]], options: options,
        scratch: &scratch.exponentials, kernels: kernels)
    }
    guard !scorer.isDone else { return StepOutput(updates: results()) }
    decoders = next.compactMap { next in
      candidates.first { $0.candidate.beam == next.beam && $0.candidate.token == next.token }?
        .decoder
    }
    histories = next.map { next in
      var history = histories[next.beam]
      history.ids.append(next.token)
      return history
    }
    let parents = next.map { sequences[$0.beam] }
    sequences = Self.places(after: parents)
    // Ordered by sequence; beams are ordered by score.
    let order = next.indices.sorted { sequences[$0] < sequences[$1] }
    return StepOutput(continued: order.map { (parents[$0], next[$0].token) })
  }

  /// The new sequence index of each beam, given the sequence that it continues. One beam per parent keeps the
  /// parent's index, so that less of the model's state has to move.
  private static func places(after parents: [Int]) -> [Int] {
    var free = Set(parents.indices)
    var places = parents.map { free.remove($0) }
    for index in places.indices where places[index] == nil {
      places[index] = free.min().flatMap { free.remove($0) }
    }
    return places.compactMap(\.self)
  }

  /// A continuation of a beam, with its text decoder if there are stop strings.
  private func candidate(
    beam: Int, token: Int, score: Float
  ) -> (candidate: BeamScorer.Candidate, decoder: StreamingTextDecoder?) {
    var reason = plan.finishReason(of: token, after: histories[beam])
    var decoder = decoders.isEmpty ? nil : decoders[beam]
    _ = decoder?.append(token)
    if reason != nil { _ = decoder?.finish() }
    if let stop = decoder?.stopString { reason = .stopString(stop) }
    return (
      BeamScorer.Candidate(beam: beam, token: token, score: score, finishReason: reason), decoder
    )
  }

  /// Writes the score of each beam with each token to `scratch.rows`, `[beam, vocabulary]`.
  private mutating func score(_ logits: NextLogits, _ scratch: inout SamplingScratch) throws {
    let kernels = Backend.current.kernels
    let options = plan.options
    let size = logits[0].count
    try scratch.resize(rowCount: options.beamCount, vocabularySize: size)
    try scratch.rows.withUnsafeMutableBufferPointer { scores in
      for beam in histories.indices {
        let row = UnsafeMutableBufferPointer(rebasing: scores[beam * size..<(beam + 1) * size])
        let source = logits[sequences[beam]]
        guard kernels.maximum(source) > -.infinity else { throw histories[beam].noTokenError }
        _ = row.update(fromContentsOf: source)
        LogProbabilities(source, scratch: &scratch.exponentials, kernels: kernels).replace(row)
        plan.processors.process(row, after: histories[beam], marks: &scratch.marks)
        if options.isSampling {
          plan.filter.apply(to: row, probabilities: &scratch.probabilities, kernels: kernels)
        }
        if options.renormalizesLogits {
          let changed = UnsafeBufferPointer(row)
          if kernels.maximum(changed) > -.infinity {
            LogProbabilities(changed, scratch: &scratch.exponentials, kernels: kernels).replace(row)
          }
        }
        let score = scorer.scores[beam]
        for index in row.indices { row[index] += score }
      }
    }
  }

  /// Samples `count` different continuations with probabilities softmax(score); returns the best first.
  private static func sample(
    _ count: Int, from scores: UnsafeMutableBufferPointer<Float>, random: inout SplitMix64,
    probabilities: inout TokenProbabilities, kernels: any Kernels
  ) -> [TopK.Entry] {
    var sampled: [TopK.Entry] = []
    while sampled.count < min(count, scores.count) {
      let maximum = kernels.maximum(UnsafeBufferPointer(scores))
      guard maximum > -.infinity else { break }
      probabilities.compute(UnsafeBufferPointer(scores), maximum: maximum, kernels: kernels)
      let index = probabilities.token(at: random.nextUnit())
      sampled.append(TopK.Entry(index: index, value: scores[index]))
      scores[index] = -.infinity
    }
    // If fewer than `count` continuations have a finite score, fill the list with other continuations.
    let taken = Set(sampled.map(\.index))
    for index in scores.indices where sampled.count < count && !taken.contains(index) {
      sampled.append(TopK.Entry(index: index, value: -.infinity))
    }
    return sampled.sorted(by: TopK.precedes)
  }

  private func results() -> [ResultUpdate] {
    let ended = scorer.ended.prefix(plan.options.resultCount).compactMap { ended in
      ended.result.map { (score: ended.score, hypothesis: $0) }
    }
    return ended.enumerated().map { index, ended in
      ResultUpdate(
        result: index, tokens: ended.hypothesis.tokens, text: text(of: ended.hypothesis.tokens),
        finishReason: ended.hypothesis.finishReason, score: ended.score)
    }
  }

  private func text(of tokens: [GeneratedToken]) -> String {
    guard var decoder = plan.textDecoder(after: start) else { return "" }
    return tokens.reduce(into: "") { $0 += decoder.append($1.id) } + decoder.finish()
  }
}
