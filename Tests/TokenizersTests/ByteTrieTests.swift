import TestSupport
import Testing

@testable import Tokenizers

/// The trie against a search in a list, and the table of merges against a dictionary.
@Suite struct ByteTrieTests {
  /// Strings over few bytes share prefixes; strings over all bytes make nodes with many edges.
  private static func strings(
    count: Int, longest: Int, alphabet: ClosedRange<UInt8>, _ generator: inout SeededGenerator
  ) -> [[UInt8]] {
    (0..<count).map { _ in
      (0..<Int.random(in: 0...longest, using: &generator)).map { _ in
        .random(in: alphabet, using: &generator)
      }
    }
  }

  private static func trie(
    _ strings: [[UInt8]], keeping duplicate: ByteTrie.Duplicate
  ) -> ByteTrie {
    var list = ByteStrings()
    for string in strings { list.append(string) }
    return ByteTrie(list, keeping: duplicate)
  }

  @Test(arguments: [
    (0, 3, UInt8(0)...1), (1, 3, 0...1), (2, 9, 0...0), (40, 4, 0...1), (300, 40, 7...7),
    (700, 3, 0...255), (3000, 5, 0x61...0x69), (3000, 2, 0...255),
  ]) func `all matches are found, shortest first`(
    count: Int, longest: Int, alphabet: ClosedRange<UInt8>
  ) {
    var generator = SeededGenerator(seed: UInt64(count))
    let strings = Self.strings(count: count, longest: longest, alphabet: alphabet, &generator)
    for duplicate in [ByteTrie.Duplicate.first, .last] {
      let trie = Self.trie(strings, keeping: duplicate)
      var indices: [[UInt8]: UInt32] = [:]
      for (index, string) in strings.enumerated() where !string.isEmpty {
        if duplicate == .last || indices[string] == nil { indices[string] = UInt32(index) }
      }
      #expect(trie.count == indices.count)
      let texts =
        Self.strings(count: 200, longest: 2 * longest, alphabet: alphabet, &generator)
        + strings.prefix(200)
      for text in texts {
        let expected = text.indices.compactMap { end in
          indices[Array(text[...end])].map { [Int($0), end + 1] }
        }
        var found: [[Int]] = []
        trie.forEachMatch(in: text.span, from: 0, to: text.count, after: trie.root) {
          found.append([Int($0), $1])
        }
        #expect(found == expected)
        let index = indices[text] ?? ByteTrie.none
        #expect(trie.index(of: text) == index && trie.index(of: text.span) == index)
        let longestMatch = trie.longestMatch(
          in: text.span, from: 0, to: text.count, after: trie.root)
        #expect(longestMatch.end == expected.last?[1] ?? 0)
        if let first = text.first {
          #expect(
            trie.hasString(startingWith: first) == indices.keys.contains { $0.first == first })
        }
      }
    }
  }

  @Test func `a search after a prefix finds the strings with the prefix, without it`() {
    for rest in [["##a", "##ab", "#b", "##"], ["##ab"], ["##"], ["#"], []] as [[String]] {
      let trie = ByteTrie(ByteStrings(["ab", "b"] + rest), keeping: .last)
      let place = trie.place(after: "##".utf8)
      for text in ["ab", "a", "b", "abc", ""] {
        let bytes = Array(text.utf8)
        let expected = bytes.indices.map { String(decoding: bytes[...$0], as: UTF8.self) }
          .filter { rest.contains("##" + $0) }
        var found: [String] = []
        trie.forEachMatch(in: bytes.span, from: 0, to: bytes.count, after: place) { index, end in
          found.append(String(decoding: bytes[..<end], as: UTF8.self))
          #expect(trie.strings.string(at: Int(index)) == "##" + (found.last ?? ""))
        }
        #expect(found == expected)
      }
    }
  }

  @Test func `the table of merges agrees with a dictionary`() {
    var generator = SeededGenerator(seed: 5)
    for (capacity, bound) in [(0, 5), (1, 1), (500, 30), (20_000, 1 << 24)] {
      var table = MergeTable(capacity: capacity)
      var merges: [[Int32]: [Int]] = [:]
      for rank in 0..<capacity {
        let pair = (0..<2).map { _ in Int32.random(in: 0..<Int32(bound), using: &generator) }
        let newID = Int32.random(in: 0..<1 << 24, using: &generator)
        table.insert(pair[0], pair[1], rank: rank, newID: newID)
        merges[pair] = [rank, Int(newID)]
      }
      for (pair, merge) in merges {
        let found = table.merge(pair[0], pair[1])
        #expect([Int(MergeTable.rank(found)), Int(MergeTable.newID(found))] == merge)
      }
      for _ in 0..<2000 {
        let pair = (0..<2).map { _ in Int32.random(in: 0..<Int32(bound), using: &generator) }
        #expect((table.merge(pair[0], pair[1]) == MergeTable.none) == (merges[pair] == nil))
      }
    }
  }
}
