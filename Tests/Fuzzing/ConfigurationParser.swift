import Attention
import AttentionModels

/// Loads a model with a `config.json` and the weights of a small model of the same family, and runs it.
struct ConfigurationParser: FuzzedParser {
  private static let weights = [
    "bert": "BERT/plain", "roberta": "Encoders/roberta", "xlm-roberta": "Encoders/xlm-roberta",
    "camembert": "Encoders/camembert", "distilbert": "Encoders/distilbert",
    "mpnet": "Encoders/mpnet", "electra": "Encoders/electra", "albert": "Encoders/albert-groups",
    "deberta-v2": "Encoders/deberta-v2-convolution", "modernbert": "Encoders/modernbert",
    "nomic_bert": "Encoders/nomic-bert-published", "gte": "Encoders/gte",
    "new": "Encoders/gte-published",
    "gpt2": "LanguageModels/gpt2", "llama": "LanguageModels/llama",
    "mistral": "LanguageModels/mistral", "qwen2": "LanguageModels/qwen2",
    "qwen3": "LanguageModels/qwen3", "gemma2": "LanguageModels/gemma2", "t5": "T5/v1.0",
    "mt5": "T5/v1.1", "umt5": "UMT5/gated", "bart": "BART/plain", "m2m_100": "M2M100/odd",
    "marian": "Marian/shared", "mbart": "MBART/untied", "pegasus": "Pegasus/plain",
  ]

  /// The family of the fixtures with a head, if it is not the type: families with the same names of tensors.
  private static let headFamilies = [
    "camembert": "xlm-roberta", "deberta-v2": "deberta", "nomic_bert": "nomic-bert", "new": "gte",
  ]

  /// A folder with weights for each `model_type`, and for each head of an encoder.
  private let folders: [String: FuzzFolder]
  /// A folder without weights.
  private let folder: FuzzFolder

  init() throws {
    var folders = try Self.weights.mapValues(Self.folder(with:))
    for type in EncoderModels.architectures where EncoderModels.isEncoderOnly(type) {
      let family = Self.headFamilies[type] ?? type
      for head in EncoderRun.Head.allCases {
        // transformers has no class for two families with this head.
        if head == .answers, ["nomic-bert", "gte"].contains(family) { continue }
        folders[Self.name(type, head)] = try Self.folder(with: "EncoderHeads/\(family)-\(head)")
      }
    }
    self.folders = folders
    folder = try FuzzFolder()
  }

  private static func folder(with weights: String) throws -> FuzzFolder {
    let folder = try FuzzFolder()
    let path = fixturePath("\(weights)/model.safetensors", of: "AttentionModelsTests")
    try folder.write(InputFile.contents(ofFile: path, limit: 1 << 20), to: "model.safetensors")
    return folder
  }

  private static func name(_ type: String, _ head: EncoderRun.Head?) -> String {
    head.map { "\(type)-\($0)" } ?? type
  }

  func parse(_ bytes: [UInt8]) throws -> String {
    let path = try folder.write(bytes, to: "config.json")
    let reader = try ConfigurationReader(contentsOfFile: path)
    let type = try reader.string("model_type")
    let isEncoder = EncoderModels.isEncoderOnly(type)
    let sizes = isEncoder && type != "bert" ? [] : try check(reader, type)
    let options = Result { try GenerationOptions(reading: folder.directory) }
    if case .failure(let error) = options, !(error is ModelError || error is AttentionError) {
      throw error
    }
    let tokens = PackedTokens([[1, 2, 3], [4]])
    let head = isEncoder ? EncoderRun.Head(reader) : nil
    guard let folder = folders[Self.name(type, head)] ?? folders[type] else {
      throw FuzzViolation("no weights for model type \(type)")
    }
    try folder.write(bytes, to: "config.json")
    let runSizes = try withCompute(threads: 1) {
      isEncoder
        ? try EncoderRun.sizes(folder.directory, head, tokens)
        : try run(folder.directory, tokens) ? sizes : nil
    }
    return "{\"sizes\": \(runSizes ?? sizes), \"runs\": \(runSizes != nil)}"
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
    case "t5", "mt5", "umt5":
      let config = try T5.Configuration(reader)
      sizes = [
        config.vocabularySize, config.hiddenSize, config.headDimension, config.headCount,
        config.intermediateSize, config.encoderLayerCount, config.decoderLayerCount,
        config.bucketCount, config.maximumDistance,
      ]
      heads = []
    case "bart", "m2m_100", "marian", "mbart", "pegasus":
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

  /// Loads a language model and runs a few tokens; returns false if the weights do not match the configuration.
  private func run(_ directory: ModelDirectory, _ tokens: PackedTokens) throws -> Bool {
    let output: Tensor
    do {
      let model = try LanguageModels.load(directory)
      var (state, first) = try model.begin(tokens)
      output = try model.logits(of: first, state: &state, rows: .last)
    } catch is ModelError {
      return false
    } catch is AttentionError {
      return false
    }
    try FuzzViolation.unless(output.shape[0] > 0, "no output")
    return true
  }
}
