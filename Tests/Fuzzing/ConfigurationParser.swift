import Attention
import AttentionModels

/// Loads a model with a `config.json` and the weights of a small model of the same family, and runs it.
struct ConfigurationParser: FuzzedParser {
  private static let weights = [
    "bert": "BERT/plain", "gpt2": "LanguageModels/gpt2", "llama": "LanguageModels/llama",
    "mistral": "LanguageModels/mistral", "qwen2": "LanguageModels/qwen2",
    "qwen3": "LanguageModels/qwen3", "gemma2": "LanguageModels/gemma2", "t5": "T5/v1.0",
    "mt5": "T5/v1.1", "bart": "BART/plain",
  ]

  /// A folder with weights for each `model_type`.
  private let folders: [String: FuzzFolder]
  /// A folder without weights.
  private let folder: FuzzFolder

  init() throws {
    var folders: [String: FuzzFolder] = [:]
    for (type, source) in Self.weights {
      let folder = try FuzzFolder()
      let path = fixturePath("\(source)/model.safetensors", of: "AttentionModelsTests")
      try folder.write(InputFile.contents(ofFile: path, limit: 1 << 20), to: "model.safetensors")
      folders[type] = folder
    }
    self.folders = folders
    folder = try FuzzFolder()
  }

  func parse(_ bytes: [UInt8]) throws -> String {
    let path = try folder.write(bytes, to: "config.json")
    let reader = try ConfigurationReader(contentsOfFile: path)
    let type = try reader.string("model_type")
    let sizes = try check(reader, type)
    let options = Result { try GenerationOptions(reading: folder.directory) }
    if case .failure(let error) = options, !(error is ModelError || error is AttentionError) {
      throw error
    }
    let isRunning = try run(type, bytes)
    return "{\"sizes\": \(sizes), \"runs\": \(isRunning)}"
  }

  /// Checks the sizes of the configuration: positive, with whole heads.
  private func check(_ reader: ConfigurationReader, _ type: String) throws -> [Int] {
    var sizes: [Int]
    var heads: [(size: Int, count: Int)]
    switch type {
    case "bert":
      let config = try BERT.Configuration(reader)
      sizes = [
        config.vocabularySize, config.hiddenSize, config.layerCount, config.headCount,
        config.intermediateSize, config.contextLength, config.segmentCount,
      ]
      heads = [(config.hiddenSize, config.headCount)]
    case "gpt2":
      let config = try GPT2.Configuration(reader)
      sizes = [
        config.vocabularySize, config.hiddenSize, config.layerCount, config.headCount,
        config.intermediateSize, config.contextLength,
      ]
      heads = [(config.hiddenSize, config.headCount)]
    case "t5", "mt5":
      let config = try T5.Configuration(reader)
      sizes = [
        config.vocabularySize, config.hiddenSize, config.headDimension, config.headCount,
        config.intermediateSize, config.encoderLayerCount, config.decoderLayerCount,
        config.bucketCount, config.maximumDistance,
      ]
      heads = []
    case "bart":
      let config = try BART.Configuration(reader)
      sizes = [
        config.vocabularySize, config.hiddenSize, config.contextLength, config.encoder.layerCount,
        config.decoder.layerCount, config.encoder.intermediateSize, config.decoder.intermediateSize,
      ]
      heads = [config.encoder, config.decoder].map { (config.hiddenSize, $0.headCount) }
    default:
      let config = try Llama.Configuration(reader)
      sizes = [
        config.vocabularySize, config.hiddenSize, config.layerCount, config.headCount,
        config.keyValueHeadCount, config.headDimension, config.intermediateSize,
        config.contextLength,
      ]
      heads = [(config.headCount, config.keyValueHeadCount), (config.headDimension, 2)]
      try FuzzViolation.unless(
        config.windows.count == config.layerCount, "\(config.windows.count) windows")
    }
    try FuzzViolation.unless(sizes.allSatisfy { $0 > 0 }, "sizes \(sizes)")
    for (size, count) in heads {
      try FuzzViolation.unless(size.isMultiple(of: count), "\(size) of \(count)")
    }
    return sizes
  }

  /// Loads the model and runs a few tokens; returns false if the weights do not match the configuration.
  private func run(_ type: String, _ bytes: [UInt8]) throws -> Bool {
    guard let folder = folders[type] else {
      throw FuzzViolation("no weights for model type \(type)")
    }
    try folder.write(bytes, to: "config.json")
    let output: Tensor
    do {
      output = try withCompute(threads: 1) {
        let tokens = PackedTokens([[1, 2, 3], [4]])
        if type == "bert" {
          let encoder = try EncoderModels.load(folder.directory)
          return try encoder(tokens).hiddenStates
        }
        let model = try LanguageModels.load(folder.directory)
        var (state, first) = try model.begin(tokens)
        return try model.logits(of: first, state: &state, rows: .last)
      }
    } catch is ModelError {
      return false
    } catch is AttentionError {
      return false
    }
    try FuzzViolation.unless(output.shape[0] > 0, "no output")
    return true
  }
}
