import Attention
import AttentionModels

/// The models whose speed is measured: one format at a time is in memory.
final class GenerateModels {
  /// Where they come from.
  enum Source {
    case directory(ModelDirectory)
    case random(RandomLlama.Sizes)
  }

  /// A model in memory.
  struct Loaded {
    let model: any LanguageModel
    let weights: StepWeights
  }

  private let source: Source
  private var last: (format: WeightFormat?, loaded: Loaded)?

  init(_ source: Source) {
    self.source = source
  }

  /// The model with its weights in a format; nil as they are in its files.
  func model(_ format: WeightFormat?) throws -> Loaded {
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
      throw Failure.Usage("--model: only decoders are timed")
    }
    let loaded = Loaded(model: model, weights: weights)
    last = (format, loaded)
    return loaded
  }
}
