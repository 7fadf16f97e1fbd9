import Attention

/// The steps of a sentence model before and after its encoder, from the files of sentence-transformers:
/// `modules.json`, `1_Pooling/config.json`, `sentence_bert_config.json`, `config_sentence_transformers.json`,
/// and the length in `tokenizer_config.json`.
struct SentencePipeline {
  /// The poolings whose results are concatenated in the embedding.
  var poolings: [Pooling] = [.mean]
  /// Whether embeddings are scaled to length 1.
  var normalizes = false
  /// The longest sequence in tokens, including special tokens; nil if no file has it.
  var maxLength: Int?
  /// Whether texts are converted to lower case before tokenization.
  var lowercases = false
  /// The prefix of every text.
  var prompt = ""
  var similarity = Similarity.cosine

  /// Reads the files in a folder. A plain encoder has none of these files, and gets mean pooling.
  ///
  /// - Throws: `ModelError.unsupported` for a module or a measure of similarity that is not implemented,
  ///   `ModelError.configuration` for an invalid file.
  init(_ directory: ModelDirectory) throws {
    if directory.contains("modules.json") {
      for (type, path) in try Self.modules(directory) {
        try apply(type, path: path, directory)
      }
    }
    if directory.contains("sentence_bert_config.json") {
      let config = try ConfigurationReader(
        contentsOfFile: directory.file("sentence_bert_config.json"), kind: .sentenceModules)
      maxLength = try config.optionalInteger("max_seq_length", in: 1...100_000_000)
      lowercases = try config.optionalBoolean("do_lower_case") ?? false
    }
    // Recent releases keep the length with the tokenizer.
    maxLength = try maxLength ?? directory.tokenizerConfiguration()?.maxLength()
    if directory.contains("config_sentence_transformers.json") {
      let config = try ConfigurationReader(
        contentsOfFile: directory.file("config_sentence_transformers.json"), kind: .sentenceModules)
      if let name = try config.optionalString("default_prompt_name") {
        prompt = try config.nested("prompts").string(name)
      }
      similarity = try Self.similarity(config)
    }
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

  /// The types and folders in `modules.json`, in the order of their `idx`.
  private static func modules(_ directory: ModelDirectory) throws -> [(String, String)] {
    let path = try directory.file("modules.json")
    let bytes = try InputFile.contents(ofFile: path, kind: .sentenceModules)
    let json: JSON
    do {
      json = try JSON.parse(bytes)
    } catch let error as JSONError {
      throw ModelError.configuration(path: path, reason: "\(error)")
    }
    guard let elements = json.array else {
      throw ModelError.configuration(path: path, reason: "expected array, got \(json.kind)")
    }
    return try elements.enumerated().map { index, element in
      guard let object = element.object else {
        throw ModelError.configuration(
          path: path, reason: "[\(index)]: expected object, got \(element.kind)")
      }
      let module = ConfigurationReader(path: path, object: object, prefix: "[\(index)].")
      return (
        order: try module.integer("idx", in: 0...1_000), type: try module.string("type"),
        path: try module.string("path")
      )
    }
    .sorted { $0.order < $1.order }
    .map { ($0.type, $0.path) }
  }

  private mutating func apply(
    _ type: String, path: String, _ directory: ModelDirectory
  ) throws {
    // "sentence_transformers.models.Pooling"; newer releases have longer paths to the same names.
    switch type.split(separator: ".").last {
    case "Transformer":
      guard path.isEmpty else {
        throw ModelError.unsupported(
          path: try directory.file("modules.json"),
          what: "encoder in a separate folder, \(printable(path))",
          supported: ["path \"\""])
      }
    case "Pooling":
      let config = try ConfigurationReader(
        contentsOfFile: directory.file("config.json", in: path.isEmpty ? nil : path),
        kind: .sentenceModules)
      poolings = try Self.poolings(config)
    case "Normalize":
      normalizes = true
    default:
      throw ModelError.unsupported(
        path: try directory.file("modules.json"), what: "module \(printable(type))",
        supported: ["Transformer", "Pooling", "Normalize"])
    }
  }

  private static let poolingLimit = 16

  /// The modes that are true, in the order in which sentence-transformers concatenates them.
  private static func poolings(_ config: ConfigurationReader) throws -> [Pooling] {
    let keys: [(key: String, pooling: Pooling?)] = [
      ("pooling_mode_cls_token", .cls), ("pooling_mode_max_tokens", .max),
      ("pooling_mode_mean_tokens", .mean), ("pooling_mode_mean_sqrt_len_tokens", nil),
      ("pooling_mode_weightedmean_tokens", nil), ("pooling_mode_lasttoken", .last),
    ]
    func unsupported(_ what: String) -> ModelError {
      .unsupported(
        path: config.path, what: what, supported: Pooling.allCases.map(\.rawValue))
    }
    if try config.optionalBoolean("include_prompt") == false {
      throw unsupported("include_prompt: false")
    }
    var poolings: [Pooling] = []
    for (key, pooling) in keys where try config.optionalBoolean(key) ?? false {
      guard let pooling else { throw unsupported(key) }
      poolings.append(pooling)
    }
    // Recent releases name the mode, or several modes in the order of their results.
    if let modes = config.value("pooling_mode") {
      poolings = []
      try modes.forEachElement { mode in
        guard let name = mode.string else {
          throw config.mismatch("pooling_mode", expected: "string or array of strings", mode)
        }
        let named = name == "lasttoken" ? Pooling.last : Pooling(rawValue: name)
        guard let named else { throw unsupported("pooling_mode \(printable(name))") }
        // An embedding has the size of the hidden states times the number of poolings.
        guard poolings.count < poolingLimit else {
          throw config.failure("pooling_mode: more than \(poolingLimit) modes")
        }
        poolings.append(named)
      }
    }
    guard !poolings.isEmpty else {
      throw ModelError.configuration(path: config.path, reason: "no pooling mode is true")
    }
    return poolings
  }
}
