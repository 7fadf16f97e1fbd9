import Attention
import AttentionModels

/// Loads the model to measure. Only one copy of the model, in one weight format, is in memory at a time.
package final class GenerateModels {
  /// Where the weights come from.
  package enum Source {
    case directory(ModelDirectory)
    case random(RandomLlama.Sizes)
  }

  /// A model in memory.
  package struct Loaded {
    package let model: any LanguageModel
    let weights: DecoderWeights
  }

  private let source: Source
  private var last: (format: WeightFormat?, loaded: Loaded)?

  package init(_ source: Source) {
    self.source = source
  }

  /// The model with its weights in `format`; nil for the format in its files.
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
    guard let decoder = Self.decoder(of: model) else {
      throw BenchError("--model: expected a decoder-only model")
    }
    let loaded = Loaded(model: model, weights: DecoderWeights(decoder))
    last = (format, loaded)
    return loaded
  }

  private static func decoder(of model: any LanguageModel) -> CausalDecoder? {
    switch model {
    case let model as GPT2: model.decoder
    case let model as Llama: model.decoder
    case let model as RandomLlama: model.decoder
    case let model as CausalDecoder: model
    default: nil
    }
  }
}
