import Attention
import AttentionCore

/// The steps of a sentence model before and after its encoder, from the files of sentence-transformers:
/// `modules.json` and the folders that it lists, `sentence_bert_config.json`,
/// `config_sentence_transformers.json`, and the length in `tokenizer_config.json`.
struct SentencePipeline {
  /// The folder of the encoder and its tokenizer.
  private(set) var encoder: ModelDirectory
  /// The poolings whose results are concatenated.
  private(set) var poolings: [Pooling] = [.mean]
  /// Whether the tokens of the prompt are pooled.
  private(set) var poolsPrompt = true
  /// The steps after pooling.
  private(set) var steps: [EmbeddingStep] = []
  /// The longest sequence in tokens, including special tokens; nil if no file has it.
  private(set) var maxLength: Int?
  /// Whether texts are converted to lower case before tokenization.
  private(set) var lowercases = false
  /// `config_sentence_transformers.json`; nil without the file.
  let settings: ConfigurationReader?
  private(set) var prompts = SentencePrompts()
  private(set) var similarity = Similarity.cosine
  /// The number of features of an embedding that are kept; nil for all.
  private(set) var dimensions: Int?

  /// Reads the files in a folder. A plain encoder has none of these files, and gets mean pooling.
  ///
  /// - Parameter format: the format of the weights of the steps.
  /// - Throws: `ModelError.unsupported` for a module or a measure of similarity that is not implemented,
  ///   `ModelError.configuration` for an invalid file.
  init(_ directory: ModelDirectory, format: WeightFormat? = nil) throws {
    encoder = directory
    let name = "config_sentence_transformers.json"
    settings =
      directory.contains(name)
      ? try ConfigurationReader(contentsOfFile: directory.file(name), kind: .sentenceModules) : nil
    if directory.contains("modules.json") {
      for module in try SentenceModule.list(directory) {
        try apply(module, directory, format)
      }
    }
    try readEncoderSettings()
    if let settings {
      prompts = try SentencePrompts(settings)
      similarity = try Self.similarity(settings)
      dimensions = try settings.optionalInteger("truncate_dim", in: 1...1_000_000_000)
    }
  }

  /// The names of the file with the settings of the encoder's module; old releases had one for each family.
  private static let encoderSettings =
    ["bert", "roberta", "distilbert", "camembert", "albert", "xlm-roberta"]
    .map { "sentence_\($0)_config.json" }

  private mutating func readEncoderSettings() throws {
    if let name = Self.encoderSettings.first(where: encoder.contains) {
      let config = try ConfigurationReader(
        contentsOfFile: encoder.file(name), kind: .sentenceModules)
      maxLength = try config.optionalInteger("max_seq_length", in: 1...100_000_000)
      lowercases = try config.optionalBoolean("do_lower_case") ?? false
    }
    guard maxLength == nil else { return }
    // Recent releases keep the length with the tokenizer. An encoder without a table of positions accepts longer
    // texts than in training.
    let config = encoder.contains("config.json") ? try encoder.configuration() : nil
    let trained = try ["max_position_embeddings", "n_positions"].lazy.compactMap {
      try config?.optionalInteger($0, in: 1...100_000_000)
    }.first
    maxLength = [try encoder.tokenizerConfiguration()?.maxLength(), trained]
      .compactMap(\.self).min()
  }

  private static func similarity(_ config: ConfigurationReader) throws -> Similarity {
    let key = "similarity_fn_name"
    guard let name = try config.optionalString(key) else { return .cosine }
    guard let similarity = Similarity(rawValue: name) else {
      throw ModelError.unsupported(
        path: config.path, what: "\(key) \(printable(name))",
        supported: Similarity.allCases.map(\.rawValue))
    }
    return similarity
  }

  private mutating func apply(
    _ module: SentenceModule, _ directory: ModelDirectory, _ format: WeightFormat?
  ) throws {
    func folder() throws -> ModelDirectory {
      module.folder.isEmpty ? directory : try directory.folder(module.folder)
    }
    switch module.kind {
    case .transformer: encoder = try folder()
    case .pooling:
      let config = try ConfigurationReader(
        contentsOfFile: folder().file("config.json"), kind: .sentenceModules)
      poolings = try Self.poolings(config)
      poolsPrompt = try config.optionalBoolean("include_prompt") ?? true
    case .dense: steps.append(try .dense(folder(), format: format))
    case .norm: steps.append(try .norm(folder()))
    case .normalize: steps.append(.normalize)
    case .dropout: break
    }
  }

  /// Checks that each step fits the output of the step before it.
  ///
  /// - Parameter size: the number of features after pooling.
  /// - Returns: the number of features of an embedding.
  /// - Throws: `ModelError.configuration` naming the step.
  func outputSize(pooledSize size: Int) throws -> Int {
    var size = size
    for (index, step) in steps.enumerated() {
      if let expected = step.inputSize, expected != size {
        throw ModelError.configuration(
          path: encoder.path,
          reason: "step \(index + 1) after pooling: expected \(expected) features, got \(size)")
      }
      size = step.outputSize(size)
    }
    return size
  }

  private static let poolingLimit = 16

  /// The modes that are true, in the order in which sentence-transformers concatenates them.
  private static func poolings(_ config: ConfigurationReader) throws -> [Pooling] {
    let keys: [(key: String, pooling: Pooling)] = [
      ("pooling_mode_cls_token", .cls), ("pooling_mode_max_tokens", .max),
      ("pooling_mode_mean_tokens", .mean), ("pooling_mode_mean_sqrt_len_tokens", .meanSqrtLength),
      ("pooling_mode_weightedmean_tokens", .weightedMean), ("pooling_mode_lasttoken", .last),
    ]
    var poolings: [Pooling] = []
    for (key, pooling) in keys where try config.optionalBoolean(key) ?? false {
      poolings.append(pooling)
    }
    // Recent releases name the mode, or several modes in the order of their results.
    if let modes = config.value("pooling_mode") {
      poolings = []
      try modes.forEachElement { mode in
        guard let name = mode.string else {
          throw config.mismatch("pooling_mode", expected: "string or array of strings", mode)
        }
        guard let named = Pooling(rawValue: name) else {
          throw ModelError.unsupported(
            path: config.path, what: "pooling_mode \(printable(name))",
            supported: Pooling.allCases.map(\.rawValue))
        }
        // An embedding has the size of the hidden states times the number of poolings.
        guard poolings.count < poolingLimit else {
          throw config.failure("pooling_mode: more than \(poolingLimit) modes")
        }
        poolings.append(named)
      }
      guard !poolings.isEmpty else { throw config.failure("pooling_mode: no pooling mode") }
    }
    if poolings.isEmpty { poolings = [.mean] }
    return poolings
  }
}
