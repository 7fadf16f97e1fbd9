import Attention
import AttentionModels
import Foundation
import TestSupport
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// The data of a page compared with the explanation.
@Suite struct AttentionPageTests {
  private func explanation(_ name: String, _ text: String) throws -> AttentionExplanation {
    let folder = try TemporaryDirectory()
    try folder.copy(fixture: name)
    try folder.copy(fixture: "Sentences/common/tokenizer.json")
    var options = ExplanationOptions()
    options.includesSteps = true
    return try AttentionExplainer(model: folder.path).explain(text, options: options)
  }

  private func data(_ page: AttentionPage) throws -> [String: Any] {
    let start = try #require(page.html.range(of: "id=\"data\">"))
    let end = try #require(
      page.html.range(of: "</script>", range: start.upperBound..<page.html.endIndex))
    let bytes = Data(page.html[start.upperBound..<end.lowerBound].utf8)
    return try #require(try JSONSerialization.jsonObject(with: bytes) as? [String: Any])
  }

  private func numbers<Number: BitwiseCopyable>(
    _ value: Any?, _ type: Number.Type
  ) throws -> [Number] {
    let text = try #require(value as? String)
    let bytes = try #require(Data(base64Encoded: text))
    return bytes.withUnsafeBytes { Array($0.bindMemory(to: Number.self)) }
  }

  @Test func `a page has all weights of a short text, and steps that give them`() throws {
    let explanation = try explanation("LanguageModels/llama3", "the cat sat on a mat")
    let content = try data(AttentionPage(explanation, title: "llama <3> & \"more\""))
    #expect(content["title"] as? String == "llama <3> & \"more\"")
    let map = try #require((content["maps"] as? [[String: Any]])?.first)
    let weights = try #require(map["weights"] as? [String: Any])
    #expect(weights["type"] as? String == "dense")
    let stored = try numbers(weights["data"], Float.self)
    #expect(stored == explanation.maps[0].layers.flatMap(\.scalars))

    let steps = try #require(map["steps"] as? [String: Any])
    let heads = try #require(steps["heads"] as? [[Int]])
    let all = explanation.maps[0]
    #expect(heads.count == all.layers.count * all.headCount)
    let (dk, T) = (try #require(steps["keyDimension"] as? Int), explanation.input.count)
    let queries = try numbers(steps["queries"], Float.self)
    let keys = try numbers(steps["keys"], Float.self)
    let sums = try numbers(steps["logSumExp"], Float.self)
    let scales = try #require(steps["scale"] as? [Double])
    let keyHeads = try #require(steps["keyHeads"] as? [Int])
    for (entry, head) in heads.enumerated() {
      for i in 0..<T {
        for j in 0...i {
          let dot = (0..<dk).reduce(0.0) {
            $0 + Double(queries[(entry * T + i) * dk + $1])
              * Double(keys[(keyHeads[entry] * T + j) * dk + $1])
          }
          let weight = exp(dot * scales[entry] - Double(sums[entry * T + i]))
          #expect(abs(weight - Double(all.layers[head[0]][head[1], i, j])) < 1e-5)
        }
      }
    }
  }

  @Test func `a page leaves out the small weights of a long text, and stays small`() throws {
    let words = (0..<300).map { ["the", "cat", "sat", "on", "mat", "it"][$0 * 7 % 6] }
    let explanation = try explanation("LanguageModels/llama3", words.joined(separator: " "))
    let page = try AttentionPage(explanation, title: "llama", head: (1, 0))
    #expect(page.html.utf8.count < 5_000_000)
    let map = try #require((try data(page)["maps"] as? [[String: Any]])?.first)
    let weights = try #require(map["weights"] as? [String: Any])
    let threshold = try #require(weights["threshold"] as? Double)
    let counts = try numbers(weights["counts"], UInt16.self)
    let keys = try numbers(weights["keys"], UInt16.self)
    let values = try numbers(weights["values"], UInt16.self)
    let all = explanation.maps[0]
    let T = explanation.input.count
    #expect(T == 302 || T == 300)
    #expect(counts.count == all.layers.count * all.headCount * T)
    var (row, next) = (0, 0)
    for layer in all.layers {
      for head in 0..<all.headCount {
        for i in 0..<T {
          let expected = (0..<T).filter { Double(layer[head, i, $0]) >= threshold - 1 / 131_070 }
          let stored = keys[next..<next + Int(counts[row])].map(Int.init)
          #expect(stored == expected)
          for (key, value) in zip(stored, values[next...]) {
            #expect(abs(Float(value) / 65_535 - layer[head, i, key]) <= 0.5 / 65_535 + 1e-7)
          }
          next += Int(counts[row])
          row += 1
        }
      }
    }
    #expect(next == keys.count && next == values.count)
    let heads = try #require((map["steps"] as? [String: Any])?["heads"] as? [[Int]])
    #expect(heads.contains([1, 0]))
  }

  @Test func `a page is one file without references to others`() throws {
    let explanation = try explanation("T5/v1.0", "the cat </script><b> {{data}}")
    let page = try AttentionPage(explanation, title: "<b>&")
    #expect(page.html.contains("&lt;b&gt;&amp;") || page.html.contains("&lt;b>&amp;"))
    #expect(!page.html.contains("<b>") && !page.html.contains("{{script}}"))
    let shown = try #require(
      (try data(page)["sides"] as? [[String: Any]])?[0]["texts"] as? [String])
    #expect(shown == ["the cat </script><b> {{data}}"])
    // A name space is no reference.
    let html = page.html.replacingOccurrences(of: "http://www.w3.org/2000/svg", with: "")
    for word in ["src=", "@import", "url(", "fetch(", "http:", "https:"] {
      #expect(!html.contains(word), "\(word)")
    }
    let content = try data(page)
    let texts = (content["sides"] as? [[String: Any]])?.compactMap { $0["name"] as? String }
    #expect(texts == ["input", "output", "read by the decoder"])
    #expect(
      (content["maps"] as? [[String: Any]])?.compactMap { $0["queries"] as? Int } == [1, 0, 2])
    let readout = try #require(content["readout"] as? [String: Any])
    #expect(readout["side"] as? Int == 2)
  }

  @Test func `the last layer's readout has the model's next token`() throws {
    let explanation = try explanation("LanguageModels/gemma2", "the cat sat")
    let folder = try TemporaryDirectory()
    try folder.copy(fixture: "LanguageModels/gemma2")
    let model = try LanguageModels.load(ModelDirectory(path: folder.path))
    var (state, tokens) = try model.begin(PackedTokens([explanation.input.ids]))
    let logits = try model.logits(of: tokens, state: &state, rows: .all)
    let content = try data(AttentionPage(explanation, title: "gemma2"))
    let readout = try #require(content["readout"] as? [String: Any])
    let layers = try #require(readout["layers"] as? Int)
    let count = try #require(readout["count"] as? Int)
    let names = try #require(readout["tokens"] as? [String])
    let choices = try numbers(readout["choices"], UInt32.self)
    let probabilities = try numbers(readout["probabilities"], Float.self)
    let T = explanation.input.count
    #expect(choices.count == layers * T * count && names.count > 1)
    for token in 0..<T {
      let row = logits.row(token)
      let largest = Double(row.max() ?? 0)
      let sum = row.reduce(0.0) { $0 + exp(Double($1) - largest) }
      let place = ((layers - 1) * T + token) * count
      #expect(abs(Double(probabilities[place]) - 1 / sum) < 1e-5)
    }
  }

  @Test func `a head that does not exist is refused`() throws {
    let explanation = try explanation("LanguageModels/gpt2", "the cat")
    for head in [(9, 0), (0, 9), (-1, 0)] {
      #expect(
        failureText { try AttentionPage(explanation, title: "", head: head) }
          .contains("out of range"))
      #expect(
        failureText { try AttentionFigure(explanation.maps[0], layer: head.0, head: head.1) }
          .contains("out of range"))
    }
  }
}
