import AttentionModels

/// What an index records when it is created: the model, the format of its vectors, and how documents are cut.
public struct IndexSettings: Sendable, Hashable, Codable {
  /// The name or path of the model's folder.
  public let modelName: String
  /// The checksum of the model's files; see ``SearchModel/fingerprint``.
  public let modelFingerprint: String
  /// The number of features of a vector.
  public let dimension: Int
  /// The measure of similarity, as sentence-transformers names it: `cosine` or `dot`.
  public let similarityName: String
  /// The format of the scanned vectors.
  public let format: VectorFormat
  /// The prompt of documents: `document`, or the empty text.
  public let documentPrompt: String
  /// The prompt of queries: `query`, or the empty text.
  public let queryPrompt: String
  /// How documents are cut into passages.
  public let passages: PassageOptions

  /// The measure of similarity.
  public var similarity: Similarity { Similarity(rawValue: similarityName) ?? .cosine }

  /// The largest number of features that is read.
  static let dimensionLimit = VectorIndex.dimensionLimit

  init(model: SearchModel, options: IndexOptions) throws {
    try options.passages.check()
    let similarity = model.embedder.similarityMeasure
    try similarity.requireSearchable()
    modelName = model.name
    modelFingerprint = model.fingerprint
    dimension = model.embedder.embeddingDimension
    similarityName = similarity.rawValue
    format = options.format
    let prompts = model.embedder.prompts
    documentPrompt = EmbeddingPrompt.documentNames.first { prompts[$0] != nil } ?? ""
    queryPrompt = prompts["query"] == nil ? "" : "query"
    passages = options.passages
  }

  /// The model as errors name it.
  var modelDescription: String { SearchModel.description(modelName, modelFingerprint, dimension) }

  /// - Throws: ``SearchError/otherModel(path:index:given:)``, which names both models.
  func require(_ model: SearchModel, path: String) throws {
    guard
      modelFingerprint == model.fingerprint, dimension == model.embedder.embeddingDimension,
      similarity == model.embedder.similarityMeasure
    else {
      throw SearchError.otherModel(
        path: path, index: modelDescription, given: model.description)
    }
  }
}

/// The choices for a new index.
public struct IndexOptions: Sendable, Hashable {
  /// The format of the scanned vectors.
  public var format: VectorFormat
  /// How documents are cut into passages.
  public var passages: PassageOptions

  /// Options.
  public init(format: VectorFormat = .float32, passages: PassageOptions = PassageOptions()) {
    (self.format, self.passages) = (format, passages)
  }
}

extension EmbeddingPrompt {
  /// The names that a model may have for the prompt of documents, as in ``EmbeddingPrompt/document``.
  static let documentNames = ["document", "passage", "corpus"]
}
