/// Suggestions for mistyped names.
enum Suggestion {
  /// The name that is closest to a mistyped one; nil if none is close.
  ///
  /// A name is close if few letters differ, if one of the two begins with the other, or if both begin
  /// with the same four letters.
  static func closest(to typed: String, among names: [String]) -> String? {
    let typed = typed.lowercased()
    let close = names.compactMap { name -> (name: String, distance: Int)? in
      let lower = name.lowercased()
      let distance = distance(typed, lower)
      let isClose =
        distance <= max(1, min(typed.count, lower.count) / 3)
        || typed.count >= 2 && lower.hasPrefix(typed) || typed.hasPrefix(lower)
        || typed.prefix(4).count == 4 && typed.prefix(4) == lower.prefix(4)
      return isClose ? (name, distance) : nil
    }
    return close.min { $0.distance < $1.distance }?.name
  }

  /// The edit distance of two words: the number of insertions, deletions, replacements and swaps of
  /// adjacent letters.
  ///
  /// - Source: Damerau 1964; the restricted variant (optimal string alignment).
  static func distance(_ a: String, _ b: String) -> Int {
    // Bounds the cost for a long argument. No command, option or model name is longer than 64 letters.
    let (a, b) = (Array(a.prefix(64)), Array(b.prefix(64)))
    var rows = [Array(0...b.count)]
    for i in 0..<a.count {
      var row = [i + 1]
      for j in 0..<b.count {
        var least = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
          least = min(least, rows[i - 1][j - 1] + 1)
        }
        row.append(least)
      }
      rows.append(row)
    }
    return rows[a.count][b.count]
  }
}
