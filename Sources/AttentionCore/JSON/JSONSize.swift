/// The number of values in JSON text, counted by its punctuation before parsing.
///
/// A malicious file is refused before memory is allocated for its values.
package struct JSONSize {
  private let byteCount: Int
  private var objectCount = 0
  private var arrayCount = 0
  private var commaCount = 0
  private var colonCount = 0
  /// The number of arrays and objects around the most deeply nested value.
  private(set) var depth = 0

  /// Texts of up to this number of bytes may have any number of values.
  private static let smallByteCount = 1 << 16

  /// - Complexity: O(`bytes.count`).
  package init(_ bytes: [UInt8]) {
    byteCount = bytes.count
    var isInString = false
    var isEscaped = false
    var openCount = 0
    for byte in bytes {
      if isInString {
        if isEscaped {
          isEscaped = false
        } else {
          isEscaped = byte == UInt8(ascii: "\\")
          isInString = byte != UInt8(ascii: "\"")
        }
        continue
      }
      switch byte {
      case UInt8(ascii: "\""): isInString = true
      case UInt8(ascii: "{"):
        objectCount += 1
        openCount += 1
        depth = max(depth, openCount)
      case UInt8(ascii: "["):
        arrayCount += 1
        openCount += 1
        depth = max(depth, openCount)
      case UInt8(ascii: "}"), UInt8(ascii: "]"): openCount -= 1
      case UInt8(ascii: ","): commaCount += 1
      case UInt8(ascii: ":"): colonCount += 1
      default: continue
      }
    }
  }

  /// Whether there are at most `objectLimit` objects and `valueLimit` commas.
  package func isWithin(objectLimit: Int, valueLimit: Int) -> Bool {
    objectCount <= objectLimit && commaCount <= valueLimit
  }

  /// The largest number of entries that the text's tape can have: see `JSONDocument`.
  ///
  /// Each value or key follows one of the counted characters, or is the outermost value.
  ///
  /// - Throws: `JSONError` for "too many values" if document and text would take more than four times the memory
  ///   of the text. In model files, values have several digits or letters.
  func tapeCount() throws(JSONError) -> Int {
    let count = 1 + 2 * (objectCount + arrayCount) + commaCount + colonCount
    let memory = MemoryLayout<UInt32>.stride * (count + objectCount)
    guard memory <= 3 * byteCount || byteCount <= Self.smallByteCount else {
      throw JSONError(
        offset: 0,
        reason: "too many values: \(commaCount) commas, \(arrayCount) arrays and \(objectCount) "
          + "objects in \(byteCount) bytes")
    }
    return count
  }
}
