import AttentionSearch
import Foundation
import Synchronization
import TestSupport
import Testing

/// Readers see the state before or after a change.
@Suite struct ConcurrencyTests {
  private let fixture: SearchFixture

  init() throws { fixture = try SearchFixture() }

  private final class End: Sendable {
    let isReached = Atomic(false)
  }

  /// Documents whose texts all have the number of the change.
  private func version(_ number: Int) -> [SearchDocument] {
    (0..<8).map {
      SearchDocument(name: "document \($0)", text: "cat \($0)", metadata: ["version": "\(number)"])
    }
  }

  @Test(.hangLimit, arguments: [VectorFormat.float32, .int8])
  func `Searches during changes see one state`(format: VectorFormat) async throws {
    let index = try fixture.create(format)
    try await index.add(version(0))
    let end = End()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        defer { end.isReached.store(true, ordering: .relaxed) }
        for number in 1...25 {
          try await index.add(version(number))
          if number % 10 == 0 { try await index.compact() }
        }
      }
      for reader in 0..<3 {
        // One reader shares the writer's object, the others are like other processes.
        let own = try reader == 0 ? index : fixture.open()
        group.addTask {
          var last = 0
          repeat {
            let results = try await own.search("cat", top: 20)
            let versions = Set(results.compactMap { $0.metadata["version"] }.compactMap { Int($0) })
            #expect(results.count == 8 && versions.count == 1, "\(versions)")
            #expect(last <= versions.first ?? -1)
            last = versions.first ?? last
          } while !end.isReached.load(ordering: .relaxed)
        }
      }
      try await group.waitForAll()
    }
    #expect(try await index.search("cat").first?.metadata["version"] == "25")
    try await index.verify()
  }

  @Test(.hangLimit) func `Two writers both succeed`() async throws {
    let first = try fixture.create()
    let second = try fixture.open()
    async let one: Void = {
      for number in 0..<10 { try await first.add(shortDocuments(3, from: 3 * number)) }
    }()
    async let two: Void = {
      for number in 10..<20 { try await second.add(shortDocuments(3, from: 3 * number)) }
    }()
    _ = try await (one, two)
    #expect(try first.documentCount == 60 && second.documentCount == 60)
    try await first.verify()
  }
}
