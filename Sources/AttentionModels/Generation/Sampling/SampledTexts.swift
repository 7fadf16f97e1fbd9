import Attention

/// The texts of one prompt, each continued independently: greedily, or with sampled tokens.
struct SampledTexts: DecodingStrategy {
  /// A text that has not ended.
  private struct Text {
    /// The index among the results of the prompt.
    let result: Int
    /// The index of its sequence in the last step.
    var sequence = 0
    var history: TokenHistory
    var random: SplitMix64
    var decoder: StreamingTextDecoder?
  }

  private let plan: DecodingPlan
  private var texts: [Text]

  init(_ plan: DecodingPlan, history: TokenHistory) {
    self.plan = plan
    let decoder = plan.textDecoder(after: history.ids)
    let seed = plan.options.seed ?? UInt64.random(in: 0 ... .max)
    texts = (0..<plan.options.resultCount).map { number in
      Text(
        result: number, history: history, random: SplitMix64(seed: seed, number: number),
        decoder: decoder)
    }
  }

  var sequenceCount: Int { texts.count }

  mutating func step(
    _ logits: NextLogits, _ scratch: inout SamplingScratch
  ) throws -> StepOutput {
    var step = StepOutput()
    for index in texts.indices {
      let update = try append(to: &texts[index], logits, &scratch)
      step.updates.append(update)
      if update.finishReason == nil {
        step.continued.append((texts[index].sequence, update.tokens[0].id))
      }
    }
    texts = zip(texts, step.updates).filter { $1.finishReason == nil }.map { text, _ in text }
    for index in texts.indices { texts[index].sequence = index }
    return step
  }

  private func append(
    to text: inout Text, _ logits: NextLogits, _ scratch: inout SamplingScratch
  ) throws -> ResultUpdate {
    let token = try plan.sampler.next(
      logits[text.sequence], after: text.history, random: &text.random, &scratch)
    var reason = plan.finishReason(of: token.id, after: text.history)
    text.history.ids.append(token.id)
    var piece = text.decoder?.append(token.id) ?? ""
    if reason != nil { piece += text.decoder?.finish() ?? "" }
    if let stop = text.decoder?.stopString { reason = .stopString(stop) }
    return ResultUpdate(result: text.result, tokens: [token], text: piece, finishReason: reason)
  }
}
