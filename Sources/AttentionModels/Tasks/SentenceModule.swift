import AttentionCore

/// A module in `modules.json` of sentence-transformers.
struct SentenceModule {
  /// What the module computes, by the name of its class.
  enum Kind: String, CaseIterable {
    case transformer = "Transformer"
    case pooling = "Pooling"
    case dense = "Dense"
    case norm = "LayerNorm"
    case normalize = "Normalize"
    /// Does nothing after training.
    case dropout = "Dropout"
  }

  let kind: Kind
  /// The folder with the module's files; empty for the folder of the model.
  let folder: String

  /// The modules of a model, in the order of their `idx`.
  ///
  /// - Throws: `ModelError.configuration` for an invalid file, `ModelError.unsupported` for another module.
  static func list(_ directory: ModelDirectory) throws -> [SentenceModule] {
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
      return (order: try module.integer("idx", in: 0...1_000), module: try SentenceModule(module))
    }
    .sorted { $0.order < $1.order }
    .map(\.module)
  }

  private init(_ module: ConfigurationReader) throws {
    let type = try module.string("type")
    // "sentence_transformers.models.Pooling"; newer releases have longer paths to the same names.
    guard let kind = Kind(rawValue: type.className) else {
      throw ModelError.unsupported(
        path: module.path, what: "module \(printable(type))",
        supported: Kind.allCases.map(\.rawValue))
    }
    self.kind = kind
    folder = try module.string("path")
  }
}
