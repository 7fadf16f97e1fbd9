import Attention
import AttentionModels

/// The models whose speed is measured: one format at a time is in memory.
package final class GenerateModels {
  /// Where they come from.
  package enum Source {
    case directory(ModelDirectory)
    case random(RandomLlama.Sizes)
  }

  /// A model in memory.
  package struct Loaded {
    package let model: any LanguageModel
    package let weights: StepWeights
  }

  private let source: Source
  private var last: (format: WeightFormat?, loaded: Loaded)?

  package init(_ source: Source) {
    self.source = source
  }

  /// The model with its weights in a format; nil as they are in its files.
  package func model(_ format: WeightFormat?) throws -> Loaded {
    if let last, last.format == format { return last.loaded }
    last = nil
    let model: any LanguageModel
    switch source {
    case .directory(let directory):
      model = try LanguageModels.load(directory, format: format)
    case .random(let sizes):
      model = try RandomLlama(sizes, format: format ?? .float32)
    }
    guard let weights = (model as? any StepWeighing)?.stepWeights else {
      throw BenchError("--model: only decoders are timed")
    }
    let loaded = Loaded(model: model, weights: weights)
    last = (format, loaded)
    return loaded
  }
}
