import Attention
import AttentionModels
import TestSupport
import Testing

/// The code of the article "Inspect attention weights", and its numbers.
@Suite(.enabled(if: RealModel.isKnownByName, "all-MiniLM-L6-v2 is not in the cache"))
struct ExplanationCode {
  @Test func `the heads attend to the words that the article names`() throws {
    let explainer = try AttentionExplainer(model: "all-MiniLM-L6-v2")
    let explanation = try explainer.explain(
      "The cat sat on the mat because it was tired.")
    let map = explanation.maps[0]
    let shape = map.layers[0].shape
    // [head 12, query 13, key 13], the first of 6 layers
    #expect(shape == [12, 13, 13] && map.layers.count == 6)

    let it = map.queries.occurrences(of: "it")[0]
    let links = try map.strongestLinks(from: it)
    let lines = links.prefix(3).map { link in
      let target = map.keys.spelling(of: link.target)
      return "layer \(link.layer), head \(link.head): \(target)"
    }
    // layer 0, head 2: because
    // layer 2, head 8: tired
    // layer 5, head 11: cat
    #expect(
      lines == [
        "layer 0, head 2: because", "layer 2, head 8: tired", "layer 5, head 11: cat",
      ])
    let weights = links.prefix(10).map(\.weight)
    let listed = [1, 0.767, 0.712, 0.683, 0.672, 0.653, 0.610, 0.593, 0.590, 0.570]
    #expect(largestDistance(weights, listed) <= 6e-4)

    let apart = try map.strongestLinks(from: it, acrossAtLeast: 1)
    let first = apart[0]  // layer 2, head 8: tired
    #expect(first.layer == 2 && first.head == 8)
    #expect(map.keys.spelling(of: first.target) == "tired")

    let cat = map.queries.occurrences(of: "cat")[0]
    let looks = try ["sat", "mat", "it", "was"].map { word in
      let source = map.queries.occurrences(of: word)[0]
      return try map.attention(
        layer: 5, head: 11, from: source, to: cat)
    }
    // [0.77, 0.72, 0.71, 0.58]
    #expect(largestDistance(looks, [0.77, 0.72, 0.71, 0.58]) <= 6e-3)

    var options = ExplanationOptions()
    options.includesSteps = true
    let detailed = try explainer.explain(
      "The cat sat on the mat.", options: options)
    let page = try AttentionPage(detailed, title: "all-MiniLM-L6-v2")
    let size = page.html.utf8.count  // less than 5 MB for any text
    #expect(size < 5_000_000)
  }
}
