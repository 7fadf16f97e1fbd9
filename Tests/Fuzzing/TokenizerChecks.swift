import Tokenizers

extension Tokenizer {
  /// Encodes and decodes a text and checks the results against each other.
  ///
  /// - Parameter isLossless: whether decoding returns the text.
  /// - Returns: the encoding, as JSON.
  func checkedEncoding(of text: String, isLossless: Bool = false) throws -> String {
    let encoding = try encode(text)
    let plain = try encode(text, addingSpecialTokens: false)
    try check(encoding, text)
    try check(plain, text)
    try FuzzViolation.unless(
      plain.isSpecial.allSatisfy { !$0 } && !plain.wasTruncated, "special tokens without request")
    try FuzzViolation.unless(
      try plain == encode(text, addingSpecialTokens: false), "two different encodings")

    let half = plain.count / 2
    let cut = try encode(text, addingSpecialTokens: false, maxLength: half)
    try FuzzViolation.unless(
      cut.ids == Array(plain.ids[..<cut.count]) && cut.count <= half
        && cut.untruncatedCount == plain.count,
      "\(half) of \(plain.ids) are \(cut.ids)")

    let decoded = decode(plain.ids, skippingSpecialTokens: false)
    if isLossless {
      try FuzzViolation.unless(decoded.utf8.elementsEqual(text.utf8), "decoded \(decoded)")
    }
    let ranges = encoding.offsets.map { "[\($0.lowerBound), \($0.upperBound)]" }
    return "{\"text\": \(JSONText.string(text)), \"ids\": \(encoding.ids), "
      + "\"types\": \(encoding.typeIDs), \"offsets\": \(JSONText.array(ranges)), "
      + "\"decoded\": \(JSONText.string(decoded))}"
  }

  private func check(_ encoding: Encoding, _ text: String) throws(FuzzViolation) {
    let count = encoding.count
    try FuzzViolation.unless(
      encoding.offsets.count == count && encoding.typeIDs.count == count
        && encoding.isSpecial.count == count && encoding.tokens.count == count,
      "arrays of different lengths")
    let scalarCount = text.unicodeScalars.count
    for (id, range) in zip(encoding.ids, encoding.offsets) {
      try FuzzViolation.unless(
        (0..<idBound).contains(id) && token(of: id) != nil, "id \(id) without a token")
      try FuzzViolation.unless(
        range.lowerBound >= 0 && range.upperBound <= scalarCount,
        "offsets \(range) in a text of \(scalarCount) scalars")
    }
  }
}
