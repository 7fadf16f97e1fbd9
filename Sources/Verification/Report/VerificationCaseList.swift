import AttentionCore

/// The names of cases in a file: a list of names, the text of a report, or a report in JSON, of which only
/// the failed cases count.
package struct VerificationCaseList {
  package let ids: [String]
  /// Whether the file is a report in JSON.
  package let isReport: Bool

  package init(_ bytes: [UInt8]) {
    if let report = (try? JSON.parse(bytes))?.object {
      isReport = true
      ids = ((report["rows"]?.array).map(Array.init) ?? []).flatMap { row in
        ((row.object?["failures"]?.array).map(Array.init) ?? []).compactMap {
          $0.object?["case"]?.string
        }
      }
      return
    }
    isReport = false
    // In the text of a report, the name follows "--case"; in a list, it is the first word of a line.
    let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
    let isText = lines.contains { $0.contains(" --case ") }
    ids = lines.compactMap { line in
      let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
      guard isText else { return words.first.flatMap { $0.hasPrefix("#") ? nil : $0 } }
      guard let place = words.firstIndex(of: "--case"), place + 1 < words.count else { return nil }
      return words[place + 1]
    }
  }
}
