import Attention

/// Attention to a sequence alone and in a batch, with one and with several threads: the bits must be
/// equal. The error is the number of different scalars.
struct BatchCheck: VerificationCheck {
  let name = "bits"
  let summary = "the same bits alone, in a batch, on 1–3 threads"
  let caseCount = 40

  func measure(
    _ subject: VerificationSubject, _ generator: inout CaseGenerator
  ) throws -> Measurement {
    let (groups, groupSize) = (generator.size(1...3), generator.pick([1, 2, 4]))
    let (dk, dv) = (generator.pick([8, 17, 64]), generator.pick([8, 17, 64]))
    let lengths = (0..<3).map { _ in generator.size(1...700) }
    let total = lengths.reduce(0, +)
    let mask: AttentionMask = generator.oneIn(2) ? .causal : .none
    let queries = try generator.normal([total, groups * groupSize, dk])
    let keys = try generator.normal([total, groups, dk])
    let values = try generator.normal([total, groups, dv])
    let place = generator.pick([0, 1, 2])
    let start = lengths[..<place].reduce(0, +)
    let rows = start..<start + lengths[place]
    let alone = try withCompute(backend: subject.backend, threads: 1) {
      try attention(
        queries: queries.rows(rows), keys: keys.rows(rows), values: values.rows(rows),
        options: AttentionOptions(mask: mask)
      ).output.scalars
    }
    var different = 0
    for threads in 1...3 {
      let batch = try withCompute(backend: subject.backend, threads: threads) {
        try attention(
          queries: queries, keys: keys, values: values,
          options: AttentionOptions(mask: mask, lengths: lengths)
        ).output.rows(rows).scalars
      }
      different += zip(alone, batch).count { $0.bitPattern != $1.bitPattern }
    }
    return Measurement(
      input: """
        \(lengths[place]) tokens at place \(place) of \(lengths), heads \(groups * groupSize)/\(groups), \
        dk \(dk), dv \(dv)
        """, error: Double(different), bound: 0)
  }
}
