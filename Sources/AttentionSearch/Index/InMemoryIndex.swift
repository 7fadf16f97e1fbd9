import AttentionCore
import AttentionModels

/// A search index without files, for documents that are read anew each time.
///
/// ```swift
/// let index = try InMemoryIndex(documents, model: SearchModel("all-MiniLM-L6-v2"))
/// let results = try index.search("feline", top: 3)
/// ```
public struct InMemoryIndex: Sendable {
  /// The model.
  public let model: SearchModel
  /// The documents, in the order of adding.
  public let documents: [SearchDocument]

  /// The ranges of the passages of each document.
  private let ranges: [[Range<Int>]]
  /// The document of each passage, and its number in the document.
  private let places: [(document: Int, passage: Int)]
  private let vectors: VectorIndex

  /// Cuts and embeds documents.
  ///
  /// - Parameters:
  ///   - documents: the documents; names need not be unique.
  ///   - model: the model.
  ///   - options: the format of the vectors, and how documents are cut.
  /// - Throws: ``SearchError/document(_:reason:)`` for a text that the model refuses; as
  ///   ``SearchIndex/create(at:model:options:)``; `CancellationError` if the current task is cancelled.
  public init(
    _ documents: [SearchDocument], model: SearchModel, options: IndexOptions = IndexOptions()
  ) throws {
    try options.passages.check()
    self.model = model
    self.documents = documents
    let cutter = PassageCutter(
      embedder: model.embedder, prompt: .document, options: options.passages)
    let (ranges, embeddings) = try cutter.embed(documents)
    self.ranges = ranges
    places = ranges.enumerated().flatMap { document, ranges in
      ranges.indices.map { (document, $0) }
    }
    vectors = try VectorIndex(
      embeddings, format: options.format, similarity: model.embedder.similarityMeasure)
  }

  /// The passages that fit each query best, as `search(_:top:)`.
  public func search(_ queries: [String], top: Int = 10) throws -> [[SearchResult]] {
    let embeddings = try model.embedder.embed(queries, prompt: .query)
    return try vectors.search(embeddings, top: top).map { matches in
      try matches.map { match in
        let place = places[match.row]
        return try SearchResult(
          document: documents[place.document], range: ranges[place.document][place.passage],
          score: match.score)
      }
    }
  }

  /// The passages that fit a query best, as `search(_:top:)`.
  public func search(_ query: String, top: Int = 10) throws -> [SearchResult] {
    try search([query], top: top)[0]
  }

  /// As `search(_:top:)`, without blocking a thread of Swift's cooperative pool.
  public func search(_ query: String, top: Int = 10) async throws -> [SearchResult] {
    try await BlockingWork.run { try self.search([query], top: top)[0] }
  }
}
