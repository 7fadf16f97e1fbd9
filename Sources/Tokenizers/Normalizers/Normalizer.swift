/// A step that rewrites a text before it is split into words.
protocol Normalizer: Sendable {
  func normalize(_ text: inout NormalizedText)

  /// Normalizes the text; may stop when the result has more than `limit` bytes. A step that can make a text many
  /// times longer must stop, because the caller checks the length only after the step.
  func normalize(_ text: inout NormalizedText, limit: Int)
}

extension Normalizer {
  func normalize(_ text: inout NormalizedText, limit: Int) { normalize(&text) }
}

extension NormalizedText {
  /// Applies all steps.
  ///
  /// - Throws: `ModelError.text` with `name` if the text becomes too long, or longer than memory allows.
  mutating func apply(
    _ normalizers: [any Normalizer], named name: String
  ) throws(ModelError) {
    guard !normalizers.isEmpty else { return }
    // The limit is far more than any language needs. Without it, the normalizers of a hostile file could make the
    // text longer at each step.
    var limit = min(Self.lengthLimit, 64 * bytes.count + 1 << 20)
    if bytes.count >= 1 << 16 {
      while limit > bytes.count, !ProcessMemory.hasRoom(for: limit * Self.bytesInWork) {
        limit /= 2
      }
    }
    for step in normalizers {
      step.normalize(&self, limit: limit)
      guard bytes.count <= limit else {
        throw .text(name, reason: "more than \(limit) bytes after normalization")
      }
    }
  }

  /// The memory that a step needs for each byte of its result.
  private static let bytesInWork = 24
}
