import AttentionSearch
import Foundation
import TestSupport
import Testing

@Suite struct SearchIndexTests {
  private let fixture: SearchFixture

  init() throws { fixture = try SearchFixture() }

  /// The names and scores that a search must have: all texts embedded and compared by the model.
  private func expected(_ query: String, _ documents: [SearchDocument]) throws -> [(String, Float)]
  {
    let embedder = fixture.model.embedder
    let scores = try embedder.similarity([query], documents.map(\.text))
    return zip(documents.map(\.name), scores.row(0)).sorted { $0.1 > $1.1 }
  }

  @Test(arguments: VectorFormat.allCases)
  func `A search finds what the model's similarity finds`(format: VectorFormat) throws {
    let index = try fixture.create(format)
    let documents = shortDocuments(60)
    #expect(try index.add(documents) == 60)
    for query in ["cat money", "the river", "", "tired because"] {
      let found: [SearchResult] = try index.search(query, top: 5)
      for (result, best) in zip(found, try expected(query, documents)) {
        #expect(abs(result.score - best.1) < 1e-5)
        let document = try #require(documents.first { $0.name == result.document })
        #expect(result.text == document.text && result.metadata == document.metadata)
        #expect(result.range == 0..<document.text.unicodeScalars.count)
        #expect(result.before.isEmpty && result.after.isEmpty)
      }
      #expect(found.count == 5 && found.map(\.score) == found.map(\.score).sorted(by: >))
    }
  }

  @Test(arguments: VectorFormat.allCases)
  func `Documents are added, replaced and deleted, and stay after reopening`(
    format: VectorFormat
  ) throws {
    let index = try fixture.create(format)
    try index.add(shortDocuments(30))
    let other = try fixture.open()
    try index.add([SearchDocument(name: "document 3", text: "money money money")])
    try index.delete(["document 4", "document 5"])
    for index in [index, other, try fixture.open()] {
      #expect(try index.documentCount == 28 && index.passageCount == 28)
      let names = try index.documentNames()
      #expect(names.count == 28 && !names.contains("document 4") && names.contains("document 3"))
      let best: [SearchResult] = try index.search("money money money", top: 28)
      #expect(best.first?.document == "document 3" && best.first?.text == "money money money")
      #expect(Set(best.map(\.document)).count == 28)
      #expect(try index.document(named: "document 3")?.text == "money money money")
      #expect(try index.document(named: "document 4") == nil)
      try index.verify()
    }
    let error = failureText { try index.delete(["document 0", "no such"]) }
    #expect(error.contains("\"no such\"") && error.contains("not in the index"), "\(error)")
    #expect(try index.documentCount == 28)
    try index.delete([])
    try index.delete(index.documentNames())
    let none: [SearchResult] = try index.search("cat")
    #expect(none.isEmpty)
  }

  @Test func `A long document has a result for each passage, with its range and context`() throws {
    let index = try fixture.create(passages: PassageOptions(overlap: 0))
    let text = "🐈 The cat sat on the mat. Money was on the river bank. It was tired because it sat."
    try index.add([SearchDocument(name: "story", text: text)])
    #expect(try index.passageCount == 3)
    let results: [SearchResult] = try index.search("money river bank", top: 3)
    let scalars = Array(text.unicodeScalars)
    for result in results {
      #expect(String(String.UnicodeScalarView(scalars[result.range])) == result.text)
      #expect(
        text.hasPrefix(result.before + result.text) && text.hasSuffix(result.text + result.after))
    }
    #expect(results.first?.text == "Money was on the river bank. ")
  }

  @Test func `Texts keep every scalar, also a NUL`() throws {
    let index = try fixture.create()
    let document = SearchDocument(
      name: "a\0b\u{301}", text: "cat\0 mat\u{301} é 🐈", metadata: ["k\"\0": "v\n\\", "": ""])
    try index.add([document])
    let results: [SearchResult] = try index.search("cat")
    #expect(results.first?.text == document.text && results.first?.document == document.name)
    #expect(results.first?.metadata == document.metadata)
    #expect(try index.document(named: document.name) == document)
  }

  @Test func `The last document of a name in a list is kept, and names must not be empty`() throws {
    let index = try fixture.create()
    try index.add(["one", "two"].map { SearchDocument(name: "same", text: $0) })
    #expect(try index.document(named: "same")?.text == "two" && index.documentCount == 1)
    #expect(
      failureText { try index.add([SearchDocument(name: "", text: "cat")]) }.contains("a name"))
    #expect(try index.add([]) == 0)
  }

  @Test func `A cross-encoder sorts results by its own scores`() throws {
    let index = try fixture.create()
    try index.add(shortDocuments(30))
    for part in ["EncoderHeads/bert-regression", "Sentences/common"] {
      try ModelFixtures.copy(part, into: fixture.folder, as: "reranker")
    }
    let reranker = try CrossEncoder(model: fixture.folder.path("reranker"))
    let found: [SearchResult] = try index.search("the cat", top: 8)
    let sorted = try reranker.rerank(found, query: "the cat")
    let scores = try reranker.scores(query: "the cat", texts: sorted.map(\.text))
    #expect(sorted.map(\.score) == scores && scores == scores.sorted(by: >))
    #expect(Set(sorted.map(\.document)) == Set(found.map(\.document)) && sorted != found)
  }

  @Test func `Another model is refused with the names of both`() throws {
    _ = try fixture.create()
    let other = try SearchFixture.model("cls", in: fixture.folder)
    let text = failureText { try SearchIndex(path: fixture.indexPath, model: other) }
    #expect(text.contains("models/mean") && text.contains("models/cls"), "\(text)")
    // The same folder with one changed weight is another model.
    try fixture.folder.edit(
      "models/mean/sentence_bert_config.json", replacing: "feature-extraction",
      with: "feature-extractor")
    let changed = try SearchModel(fixture.model.name)
    #expect(changed.fingerprint != fixture.model.fingerprint)
    #expect(
      failureText { try SearchIndex(path: fixture.indexPath, model: changed) }
        .contains(changed.fingerprint))
  }

  @Test func `An index opens with the model that it names`() throws {
    try fixture.create(.int8).add(shortDocuments(3))
    let index = try SearchIndex(path: fixture.indexPath)
    #expect(index.settings.format == .int8 && index.model.name == fixture.model.name)
    #expect(try SearchIndex.settings(path: fixture.indexPath) == index.settings)
  }

  @Test func `A folder without an index, or with other files, is an error`() throws {
    for (path, word) in [
      (fixture.folder.path("missing"), "no such folder"),
      (fixture.folder.path("models"), "index.sqlite is missing"),
      (fixture.folder.path("models/mean/config.json"), "a file"),
    ] {
      let text = failureText { try SearchIndex(path: path, model: fixture.model) }
      #expect(text.contains(word) && text.contains(path), "\(text)")
    }
    let inModels = failureText {
      try SearchIndex.create(at: fixture.folder.path("models"), model: fixture.model)
    }
    #expect(inModels.contains("other files"), "\(inModels)")
    _ = try fixture.create()
    #expect(failureText { try fixture.create() }.contains("already has an index"))
    #expect(SearchIndex.exists(path: fixture.indexPath))
    #expect(!SearchIndex.exists(path: fixture.folder.path("models")))
  }

  @Test(arguments: VectorFormat.allCases)
  func `Compaction removes the rows of deleted documents`(format: VectorFormat) throws {
    let index = try fixture.create(format)
    try index.add(shortDocuments(40))
    let reader = try fixture.open()
    try index.delete((0..<30).map { "document \($0)" })
    let before: [SearchResult] = try reader.search("cat", top: 10)
    let size = try fixture.files().values.map(\.count).reduce(0, +)
    try index.compact()
    #expect(try fixture.files().values.map(\.count).reduce(0, +) < size)
    #expect(try fixture.files().keys.contains("vectors-1"))
    #expect(try !fixture.files().keys.contains("vectors-0"))
    for index in [index, reader, try fixture.open()] {
      let after: [SearchResult] = try index.search("cat", top: 10)
      #expect(after == before)
      try index.verify()
    }
    try index.add(shortDocuments(5))
    #expect(try reader.documentCount == 15)
  }

  @Test func `A cancelled task changes nothing`() async throws {
    let index = try fixture.create()
    let documents = shortDocuments(20)
    try await index.add(documents)
    await #expect(throws: CancellationError.self) {
      try await inCancelledTask { _ = try index.add(shortDocuments(5, from: 100)) as Int }
    }
    await #expect(throws: CancellationError.self) {
      try await inCancelledTask { try index.delete(["document 1"]) }
    }
    await #expect(throws: CancellationError.self) {
      try await inCancelledTask { try index.search("cat") as [SearchResult] }
    }
    await #expect(throws: CancellationError.self) {
      try await inCancelledTask { try SearchIndex(path: fixture.indexPath, model: fixture.model) }
    }
    #expect(try index.documentCount == 20)
    // The asynchronous forms.
    try await index.add(shortDocuments(1, from: 50))
    try await index.delete(["document 2"])
    try await index.compact()
    let opened = try await SearchIndex.open(path: fixture.indexPath, model: fixture.model)
    let results = try await opened.search("cat", top: 3)
    #expect(try results.count == 3 && opened.documentCount == 20)
  }

  @Test func `Wrong arguments are errors`() throws {
    let index = try fixture.create()
    #expect(failureText { try index.search("cat", top: 0) as [SearchResult] }.contains("top"))
    #expect(
      failureText { try index.search(embeddings: Tensor(rows: [[1, 2]])) }.contains("embeddings"))
    for options in [PassageOptions(maxTokens: 0), PassageOptions(overlap: -1)] {
      let text = failureText {
        try SearchIndex.create(
          at: fixture.folder.path("other"), model: fixture.model,
          options: IndexOptions(passages: options))
      }
      #expect(text.contains("at least"), "\(text)")
    }
  }
}
