import Foundation

extension Array where Element: BitwiseCopyable {
  /// The bytes of the elements, which are little-endian on every supported processor, in base64.
  var base64: String {
    withUnsafeBytes { Data($0).base64EncodedString() }
  }
}
