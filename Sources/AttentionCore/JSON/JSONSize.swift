/// The number of objects and values in JSON text, counted by its punctuation before parsing.
///
/// Parsed values take many times the memory of the text, so a malicious file is refused before parsing.
package struct JSONSize {
  private let bytes: [UInt8]

  package init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Whether there are at most `objectLimit` objects and `valueLimit` commas.
  ///
  /// - Complexity: O(`bytes.count`).
  package func isWithin(objectLimit: Int, valueLimit: Int) -> Bool {
    var objectCount = 0
    var valueCount = 0
    var isInString = false
    var isEscaped = false
    for byte in bytes {
      if isEscaped {
        isEscaped = false
      } else if isInString {
        isEscaped = byte == UInt8(ascii: "\\")
        isInString = byte != UInt8(ascii: "\"")
      } else {
        switch byte {
        case UInt8(ascii: "\""): isInString = true
        case UInt8(ascii: "{"): objectCount += 1
        case UInt8(ascii: ","): valueCount += 1
        default: continue
        }
        guard objectCount <= objectLimit, valueCount <= valueLimit else { return false }
      }
    }
    return true
  }
}
