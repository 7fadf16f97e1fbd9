import AttentionSearch
import Foundation
import TestSupport
import Testing

/// Truncated and changed files give an error or the right result.
@Suite struct DamageTests {
  private let fixture: SearchFixture
  private let documents = shortDocuments(12)

  init() throws { fixture = try SearchFixture() }

  private func results() throws -> [[SearchResult]] {
    let index = try fixture.open()
    return try index.search(["cat money", "the river"], top: 12) as [[SearchResult]]
  }

  /// Writes an index and returns its files and the results of searches.
  private func write(
    _ format: VectorFormat
  ) throws -> (files: [String: [UInt8]], results: [[SearchResult]]) {
    do {
      let index = try fixture.create(format)
      try index.add(documents)
      try index.delete(["document 7"])
    }
    return (try fixture.files(), try results())
  }

  /// Whether a search gives the expected results or a typed error.
  private func check(_ expected: [[SearchResult]], _ place: String) {
    do {
      let found = try results()
      #expect(found == expected, "\(place)")
    } catch let error as SearchError {
      switch error {
      case .damaged(let path, _), .storage(let path, _), .notAnIndex(let path, _):
        #expect(path.hasPrefix(fixture.indexPath), "\(place): \(error)")
      default: Issue.record("\(place): \(error)")
      }
    } catch {
      Issue.record("\(place): not a SearchError: \(error)")
    }
  }

  @Test func `At rest, an index has only its own files`() throws {
    #expect(try write(.int8).files.keys.sorted() == ["codes-0", "index.sqlite", "vectors-0"])
  }

  @Test(arguments: VectorFormat.allCases)
  func `Truncated vector files are errors at every length`(format: VectorFormat) throws {
    let (files, expected) = try write(format)
    for (name, bytes) in files where name != "index.sqlite" {
      // Every length of a row, and every row.
      var lengths = Set(stride(from: 0, to: bytes.count, by: 37))
      lengths.formUnion(0..<min(100, bytes.count))
      for length in lengths.union([bytes.count - 1]) {
        var changed = files
        changed[name] = Array(bytes[..<length])
        try fixture.restore(changed)
        let text = failureText { try results() }
        #expect(text.contains(name) && text.contains("damaged"), "\(length): \(text)")
      }
      var changed = files
      changed[name] = nil
      try fixture.restore(changed)
      #expect(failureText { try results() }.contains(name))
    }
    // Bytes after the last row are from an interrupted change.
    var longer = files
    longer["vectors-0", default: []] += [1, 2, 3]
    try fixture.restore(longer)
    #expect(try results() == expected)
    try fixture.open().add([SearchDocument(name: "new", text: "cat")])
    try fixture.open().verify()
  }

  @Test(arguments: VectorFormat.allCases)
  func `A flipped bit of a vector file is an error or has no effect`(format: VectorFormat) throws {
    let (files, expected) = try write(format)
    var generator = SeededGenerator(seed: 12)
    for (name, bytes) in files where name != "index.sqlite" {
      for _ in 0..<60 {
        var changed = files
        let place = Int.random(in: bytes.indices, using: &generator)
        changed[name]?[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        try fixture.restore(changed)
        let text = failureText { try fixture.open().verify() }
        #expect(text.contains(name) && text.contains("checksum"), "\(place): \(text)")
        check(expected, "\(format), \(name), byte \(place)")
      }
    }
  }

  @Test func `A truncated database is an error or has no effect`() throws {
    let (files, expected) = try write(.float32)
    let bytes = files["index.sqlite"] ?? []
    for length in Array(stride(from: 0, to: bytes.count, by: 211)) + [1, 16, 99, bytes.count - 1] {
      var changed = files
      changed["index.sqlite"] = Array(bytes[..<length])
      try fixture.restore(changed)
      check(expected, "\(length) bytes")
    }
  }

  @Test func `A flipped bit of the database is an error or has no effect`() throws {
    let (files, expected) = try write(.int8)
    let bytes = files["index.sqlite"] ?? []
    var generator = SeededGenerator(seed: 13)
    // Most bytes are zeros that nothing uses: choose most places among the others.
    let used = bytes.indices.filter { bytes[$0] != 0 }
    for attempt in 0..<320 {
      let place =
        (attempt % 8 == 0
          ? bytes.indices.randomElement(using: &generator)
          : used.randomElement(using: &generator)) ?? 0
      var changed = files
      changed["index.sqlite"]?[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      try fixture.restore(changed)
      check(expected, "byte \(place)")
    }
  }
}
