/// ℓ = −∞ for tokens that would repeat an n-gram of the sequence, or of the prompt.
///
/// - Complexity: O(tokens searched).
/// - Source: Paulus et al. 2017; Klein et al. 2017, OpenNMT.
struct NoRepeatNGrams: LogitsProcessor {
  enum Source: Sendable {
    case sequence
    case prompt
  }

  let size: Int
  let source: Source

  func process(_ row: LogitsRow, after history: TokenHistory, marks: inout TokenMarks) {
    let ids = history.ids
    guard ids.count + 1 >= size else { return }
    let last = ids.suffix(size - 1)
    let searched = source == .sequence ? ids : history.prompt
    guard searched.count >= size else { return }
    for end in size - 1..<searched.count where row.indices.contains(searched[end]) {
      // Stop at the first difference: nearly all n-grams differ in their first tokens.
      var matches = true
      for (offset, id) in last.enumerated() where searched[end - size + 1 + offset] != id {
        matches = false
        break
      }
      if matches { row[searched[end]] = -.infinity }
    }
  }
}
