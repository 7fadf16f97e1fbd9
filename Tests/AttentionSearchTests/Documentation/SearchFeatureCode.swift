import AttentionSearch
import Foundation
import TestSupport
import Testing

/// The code of the article "Building a search feature".
struct NoteSearch: Sendable {
  let index: SearchIndex

  init(folder: String, model: String) async throws {
    let model = try await SearchModel.load(model)
    if SearchIndex.exists(path: folder) {
      index = try await SearchIndex.open(path: folder, model: model)
    } else {
      let options = IndexOptions(format: .int8, passages: PassageOptions(overlap: 32))
      index = try SearchIndex.create(at: folder, model: model, options: options)
    }
  }
}

extension NoteSearch {
  func update(_ notes: [String: String]) async throws {
    let documents = notes.map { name, text in
      SearchDocument(name: name, text: text, metadata: ["title": String(text.prefix(20))])
    }
    for start in stride(from: 0, to: documents.count, by: 256) {
      try await index.add(Array(documents[start..<min(start + 256, documents.count)]))
    }
    let deleted = try index.documentNames().filter { notes[$0] == nil }
    try await index.delete(deleted)
  }
}

extension NoteSearch {
  struct Answer: Encodable, Sendable {
    var note: String
    var title: String
    var score: Float
    var passage: String
  }

  func answers(to question: String, count: Int = 5) async throws -> [Answer] {
    let results = try await index.search(question, top: count)
    return results.map { result in
      Answer(
        note: result.document, title: result.metadata["title"] ?? "", score: result.score,
        passage: "\(result.before)\(result.text)\(result.after)")
    }
  }
}

extension NoteSearch {
  func preciseAnswers(to question: String, reranker: CrossEncoder) throws -> [SearchResult] {
    let candidates: [SearchResult] = try index.search(question, top: 50)
    return Array(try reranker.rerank(candidates, query: question).prefix(5))
  }
}

extension NoteSearch {
  func answersOrReport(to question: String) async -> [Answer] {
    do {
      return try await answers(to: question)
    } catch let error as SearchError {
      print("The index cannot be searched: \(error)")
    } catch {
      print("The question cannot be answered: \(error)")
    }
    return []
  }
}

@Suite struct SearchFeatureCode {
  @Test func `The search feature of the article works`() async throws {
    let fixture = try SearchFixture()
    for attempt in 0..<2 {
      let search = try await NoteSearch(folder: fixture.indexPath, model: fixture.model.name)
      try await search.update(["pets": "The cat sat on the mat.", "trips": "The river bank."])
      try await search.update(["pets": "The cat was tired \(attempt).", "bank": "Money!"])
      #expect(try search.index.documentNames() == ["bank", "pets"])
      let answers = try await search.answers(to: "The cat was tired 1.", count: 1)
      #expect(
        answers.count == 1 && answers[0].note == "pets"
          && answers[0].title == "The cat was tired \(attempt).")
      #expect(await search.answersOrReport(to: "cat").count == 2)
    }
  }
}
