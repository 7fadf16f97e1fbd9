import Attention
import AttentionModels
import DemonstrationModels
import TestSupport
import Testing

/// The code of the articles about the properties of attention, and its numbers.
struct PropertyCode {
  @Test(.enabled(if: RealModel.isKnownByName, "all-MiniLM-L6-v2 is not in the cache"))
  func `words change with their context`() throws {
    let explainer = try AttentionExplainer(model: "all-MiniLM-L6-v2")
    let map = try explainer.explain("The cat sat on the mat.").maps[0]
    let cat = map.queries.occurrences(of: "cat")[0]
    let gains = try ["sat", "mat"].map { word in
      let target = map.keys.occurrences(of: word)[0]
      return try map.attention(layer: 5, head: 6, from: cat, to: target)
    }
    // [0.22, 0.13]
    #expect(largestDistance(gains, [0.22, 0.13]) <= 6e-3)

    var options = ExplanationOptions()
    options.includesSteps = true
    let tired = try explainer.explain(
      "The animal didn't cross the street because it was too tired.",
      options: options)
    let wide = try explainer.explain(
      "The animal didn't cross the street because it was too wide.",
      options: options)
    let it = tired.input.occurrences(of: "it")[0]  // a range of tokens
    let cosines = try zip(
      tired.contextualVectors[0].layers, wide.contextualVectors[0].layers
    ).map { try Similarity.cosine($0.rows(it), $1.rows(it))[0, 0] }
    // [1.0, 0.998, 0.98, 0.799, 0.836, 0.923, 0.851]
    #expect(
      largestDistance(cosines, [1.0, 0.998, 0.98, 0.799, 0.836, 0.923, 0.851]) <= 6e-4,
      "\(cosines)")
    for (explanation, word, weight) in [(tired, "tired", Float(0.72)), (wide, "wide", 0.87)] {
      let map = explanation.maps[0]
      let target = map.keys.occurrences(of: word)[0]
      #expect(abs(try map.attention(layer: 2, head: 1, from: it, to: target) - weight) <= 6e-3)
    }

    let looks = try [tired, wide].map { explanation in
      let map = explanation.maps[0]
      let animal = map.keys.occurrences(of: "animal")[0]
      return try map.attention(layer: 3, head: 1, from: it, to: animal)
    }
    // [0.68, 0.28]
    #expect(largestDistance(looks, [0.68, 0.28]) <= 6e-3, "\(looks)")
  }

  @Test(.enabled(if: RealModel.isKnownByName, "all-MiniLM-L6-v2 is not in the cache"))
  func `a word reads another at any distance`() throws {
    let explainer = try AttentionExplainer(model: "all-MiniLM-L6-v2")
    let map = try explainer.explain(
      "The cat sat on the mat because it was tired."
    ).maps[0]
    let it = map.queries.occurrences(of: "it")[0]
    let cat = map.keys.occurrences(of: "cat")[0]
    let weight = try map.attention(
      layer: 5, head: 11, from: it, to: cat)  // 0.712
    #expect(abs(weight - 0.712) <= 6e-4)

    let far = try map.strongestLinks(from: it, acrossAtLeast: 5)
    let first = far[0]
    // layer 5, head 11, from it to cat
    #expect(first.layer == 5 && first.head == 11 && first.target == cat)
  }

  @Test func `a row is the same alone and with all others`() throws {
    var random = SystemRandomNumberGenerator()
    let x = try Tensor(
      shape: [64, 1, 32],  // [token, head, dimension]
      scalars: (0..<64 * 32).map { _ in
        Float.random(in: -1...1, using: &random)
      })
    let together = try attention(
      queries: x, keys: x, values: x, mask: .causal)
    let last = try attention(
      queries: x.rows(63..<64), keys: x, values: x, mask: .causal)
    let distance =
      try zip(last.scalars, together.rows(63..<64).scalars)
      .map { abs($0 - $1) }.max() ?? 0  // less than 0.00001
    #expect(distance < 0.00001)
  }

  @Test(.enabled(if: RealModel.isKnownByName, "all-MiniLM-L6-v2 is not in the cache"))
  func `a head is found by its pattern`() throws {
    let explainer = try AttentionExplainer(model: "all-MiniLM-L6-v2")
    let map = try explainer.explain(
      "The cat sat on the mat because it was tired."
    ).maps[0]
    let count = map.queries.count
    var best = (layer: 0, head: 0, mean: Float(0))
    for (layer, weights) in map.layers.enumerated() {
      for head in 0..<map.headCount {
        let previous = (1..<count).map { weights[head, $0, $0 - 1] }
        let mean = previous.reduce(0, +) / Float(count - 1)
        if mean > best.mean { best = (layer, head, mean) }
      }
    }
    // layer 0, head 2, mean 1.0
    #expect(best.layer == 0 && best.head == 2 && best.mean > 0.995)

    // The other patterns that the article names: the next token in layer 1, head 8, and [CLS] in layer 2, head 7.
    func mean(_ layer: Int, _ head: Int, _ column: (Int) -> Int) -> Float {
      (0..<count - 1).map { map.layers[layer][head, $0, column($0)] }.reduce(0, +)
        / Float(count - 1)
    }
    #expect(mean(1, 8) { $0 + 1 } > 0.5)
    #expect(mean(2, 7) { _ in 0 } > 0.9)
  }

  @Test func `a pronoun of a translation comes from its noun`() throws {
    let explainer = try AttentionExplainer(DemonstrationModel.toyT5.directory())
    let tired = try explainer.explain(
      "The animal didn't cross the street because it was too tired.")
    let wide = try explainer.explain(
      "The animal didn't cross the street because it was too wide.")
    let lines = try zip([tired, wide], ["il", "elle"]).map { explanation, pronoun in
      let cross = explanation.maps[0]
      let source = cross.queries.occurrences(of: pronoun)[0]
      let links = try cross.strongestLinks(from: source)
      let targets = links.map { cross.keys.spelling(of: $0.target) }
      let noun = targets.first { ["animal", "street"].contains($0) }
      return "\(pronoun) → \(noun ?? "")"
    }
    // il → animal
    // elle → street
    #expect(lines == ["il → animal", "elle → street"])
  }

  @Test func `the words of a summary come from their sentences`() throws {
    let explainer = try AttentionExplainer(DemonstrationModel.toyT5.directory())
    var options = ExplanationOptions()
    options.task = try explainer.task("summarization")
    let cross = try explainer.explain(
      "Tom went to the market. He ate the cake. He was very happy.",
      options: options
    ).maps[0]
    let summary = cross.queries.texts[0]
    // Tom ate the cake at the market and was happy.
    let sources = try ["Tom", "cake", "market", "happy"].map { word in
      let source = cross.queries.occurrences(of: word)[0]
      let link = try cross.strongestLinks(from: source)[0]
      return cross.keys.spelling(of: link.target)
    }
    // Tom, cake, market, happy
    #expect(summary == "Tom ate the cake at the market and was happy.")
    #expect(sources == ["Tom", "cake", "market", "happy"])
  }

  @Test func `the words of an answer read the question`() throws {
    let explainer = try AttentionExplainer(DemonstrationModel.toyAnswers.directory())
    let map = try explainer.explain(
      "Where did the cat sit?",
      pair: "The cat sat on the mat because it was tired."
    ).maps[0]
    let lines = try ["on", "mat"].map { word in
      let source = map.queries.occurrences(of: word)[0]
      let links = try map.strongestLinks(from: source)
      let link = links.filter { $0.layer == 2 && $0.head == 1 }[0]
      return "\(word) → \(map.keys.spelling(of: link.target))"
    }
    // on → cat
    // mat → cat
    #expect(lines == ["on → cat", "mat → cat"])

    let because = map.queries.occurrences(of: "because")[0]
    let question = map.keys.occurrences(of: "where")[0]
    let weight = try map.attention(
      layer: 0, head: 0, from: because, to: question)  // 0.80
    #expect(abs(weight - 0.80) <= 6e-3)
  }
}
