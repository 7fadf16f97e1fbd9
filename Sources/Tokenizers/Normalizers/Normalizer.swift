/// A step that rewrites a text before it is split into words.
protocol Normalizer: Sendable {
  func normalize(_ text: inout NormalizedText)
}
