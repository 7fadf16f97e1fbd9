/// One step that rewrites a text before it is split into words.
protocol Normalizer: Sendable {
  func normalize(_ text: inout NormalizedText)
}

/// Several steps, one after the other.
struct NormalizerSequence: Normalizer {
  let steps: [any Normalizer]

  func normalize(_ text: inout NormalizedText) {
    for step in steps { step.normalize(&text) }
  }
}
