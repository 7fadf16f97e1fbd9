/// Search for all matches in a part of a text, in linear time for any pattern; see `PatternRun`.
extension PatternAutomaton {
  /// Calls `body` for each match in `range`, in order. Both bounds must be scalar boundaries. An empty
  /// match directly after the previous match does not count. As in Hugging Face tokenizers, an empty range
  /// has no matches.
  ///
  /// - Parameter pointLimit: see `PatternRun`.
  @inline(__always)
  func forEachMatch(
    in bytes: Span<UInt8>, _ range: Range<Int>, pointLimit: Int = PatternRun.pointLimit,
    _ body: (Range<Int>) -> Void
  ) {
    if range.isEmpty { return }
    if lookaheads.isEmpty {
      // This specialization of `search` has no calls in its loops.
      search(bytes, range, PatternRun(pointLimit: pointLimit), lookAhead: { _, _ in 0 }, body)
    } else {
      searchLookingAhead(bytes, range, pointLimit, body)
    }
  }

  @inline(never)
  private func searchLookingAhead(
    _ bytes: Span<UInt8>, _ range: Range<Int>, _ pointLimit: Int, _ body: (Range<Int>) -> Void
  ) {
    var runs = lookaheads.map { _ in PatternRun(pointLimit: pointLimit) }
    search(
      bytes, range, PatternRun(pointLimit: pointLimit),
      lookAhead: { position, needed in
        var results = 0
        for (number, lookahead) in lookaheads.enumerated() where needed >> number & 1 == 1 {
          let state = lookahead.startState(bytes, at: position, in: range)
          let holds = runs[number].matches(
            lookahead, bytes, from: position, to: range.upperBound, startState: state)
          if holds { results |= 1 << number }
        }
        return results
      }, body)
  }

  /// - Parameter lookAhead: returns the results of the needed look-aheads at a position, as bits.
  @inline(__always)
  private func search(
    _ bytes: Span<UInt8>, _ range: Range<Int>, _ run: consuming PatternRun,
    lookAhead: (_ position: Int, _ needed: UInt8) -> Int, _ body: (Range<Int>) -> Void
  ) {
    let asciiTransitions = asciiTransitions
    let ascii = asciiTransitions.span
    var start = range.lowerBound
    var lastEnd = -1
    var cancellation = CancellationSteps()
    while start <= range.upperBound, !cancellation.isRequested() {
      let state = startState(bytes, at: start, in: range)
      let end = run.matchEnd(
        self, bytes, ascii, from: start, to: range.upperBound, startState: state,
        lookAhead: lookAhead)
      if end < 0 || end == start && end == lastEnd {
        // There is no match here, or an empty match that does not count.
        start += start < range.upperBound ? decodeScalar(bytes, at: start).count : 1
      } else {
        body(start..<end)
        start = end
        lastEnd = end
      }
    }
  }

  /// The start state of a run at `index`.
  @inline(__always)
  private func startState(_ bytes: Span<UInt8>, at index: Int, in range: Range<Int>) -> Int {
    if hasOneStart { return Int(starts[0]) }
    guard index > range.lowerBound else { return Int(starts[classCount]) }
    var before = index - 1
    while bytes[before] & 0xC0 == 0x80 { before -= 1 }
    return Int(starts[partition.classify(decodeScalar(bytes, at: before).scalar)])
  }
}
