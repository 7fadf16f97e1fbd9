import Attention
import Foundation
import TestSupport
import Testing

func picture(
  of options: AttentionOptions, queries: Int, keys: Int
) throws -> [String] {
  let zeros = try Tensor(shape: [keys, 1, 1], repeating: 0)
  let result = try attention(
    queries: Tensor(shape: [queries, 1, 1], repeating: 0),
    keys: zeros, values: zeros, options: options, returning: .weights)
  let weights = result.weights?.scalars ?? []  // [head 1, query, key]
  return (0..<queries).map { query in
    weights[query * keys..<(query + 1) * keys]
      .map { $0 > 0 ? "x" : "." }.joined()
  }
}

/// The code of the article "Attention masks", and its pictures.
struct MaskCode {
  @Test func `the operator applies a mask`() throws {
    var generator = SeededGenerator(seed: 1)
    let (q, k) = try (generator.normalTensor([4, 2, 3]), generator.normalTensor([4, 2, 3]))
    let v = try generator.normalTensor([4, 2, 3])
    let output = try attention(queries: q, keys: k, values: v, mask: .causal)
    #expect(try output.rows(0..<1) == v.rows(0..<1), "the first query sees only itself")
  }

  @Test func `every square of the pictures equals a weight of the operator`() throws {
    let last = AttentionMask.causal
    let first = AttentionMask.causal(alignment: .topLeft)
    try expect(
      "mask-causal",
      [
        picture(of: AttentionOptions(mask: last), queries: 3, keys: 5),
        picture(of: AttentionOptions(mask: first), queries: 3, keys: 5),
      ])
    try expect(
      "mask-causal-more-queries",
      [
        picture(of: AttentionOptions(mask: last), queries: 5, keys: 3),
        picture(of: AttentionOptions(mask: first), queries: 5, keys: 3),
      ])

    let back = AttentionMask.window(left: 2, right: 0)
    let around = AttentionMask.window(left: 1, right: 1)
    let nearly = AttentionMask.window(left: nil, right: 1)
    try expect(
      "mask-window",
      [back, around, nearly].map {
        try picture(of: AttentionOptions(mask: $0), queries: 6, keys: 6)
      })

    let prefix = AttentionMask.prefix(3)
    try expect("mask-prefix", [picture(of: AttentionOptions(mask: prefix), queries: 6, keys: 6)])

    let padding = AttentionMask.keys([true, true, true, true, false, false])
    try expect("mask-keys", [picture(of: AttentionOptions(mask: padding), queries: 4, keys: 6)])

    let rows = ["xx..x", ".xx..", "..xxx", ".....", "x.x.x"]
    let table = try BooleanTensor(
      shape: [5, 5], elements: rows.joined().map { $0 == "x" })
    let irregular = AttentionMask.keeping(table)
    try expect(
      "mask-boolean", [picture(of: AttentionOptions(mask: irregular), queries: 5, keys: 5)])

    let packed = AttentionOptions(lengths: [2, 3, 1])
    let packedCausal = AttentionOptions(mask: .causal, lengths: [2, 3, 1])
    try expect(
      "mask-packed",
      [packed, packedCausal].map { try picture(of: $0, queries: 6, keys: 6) })

    let both = AttentionMask.causal.intersection(padding)
    try expect(
      "mask-intersection",
      [.causal, padding, both].map {
        try picture(of: AttentionOptions(mask: $0), queries: 6, keys: 6)
      })
  }

  /// Compares the article's picture, light and dark, with panels that the operator computed.
  private func expect(_ name: String, _ panels: [[String]]) throws {
    let folder = ArticleCode.root(of: #filePath)
      .appendingPathComponent("Sources/Attention/Attention.docc/Resources")
    for variant in ["", "~dark"] {
      let svg = try String(
        contentsOf: folder.appendingPathComponent("\(name)\(variant).svg"), encoding: .utf8)
      let squares = svg.matches(of: /<use href="#(kept|hidden)"/).map {
        $0.output.1 == "kept" ? "x" : "."
      }
      #expect(squares.joined() == panels.joined().joined(), "\(name)\(variant)")
    }
  }
}
