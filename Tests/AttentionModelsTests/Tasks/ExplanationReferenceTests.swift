import Attention
import AttentionModels
import TestSupport
import Testing

/// Attention weights compared with PyTorch's in double precision: `Scripts/fixtures/explanations.py`.
@Suite struct ExplanationReferenceTests {
  private static let text = "the cat sat on a mat because it"

  private func explainer(_ name: String) throws -> (AttentionExplainer, TemporaryDirectory) {
    let folder = try TemporaryDirectory()
    try folder.copy(fixture: name)
    try folder.copy(fixture: "Sentences/common/tokenizer.json")
    return (try AttentionExplainer(model: folder.path), folder)
  }

  private func compare(_ map: AttentionMap, _ name: String, bound: Double = 5e-6) throws {
    let expected = try Fixtures.tensor("Explanations/\(name)-\(map.kind.rawValue).npy")
    #expect(
      expected.shape
        == [map.layers.count, map.headCount, map.queries.count, map.keys.count], "\(name)")
    let distance = largestDistance(
      map.layers.flatMap(\.scalars), expected.scalars.map(Double.init))
    #expect(distance <= bound, "\(name) \(map.kind)")
  }

  @Test(arguments: ["gpt2", "llama3", "gemma2", "qwen3", "gptneox"])
  func `a decoder's weights are PyTorch's`(name: String) throws {
    let (explainer, _) = try explainer("LanguageModels/\(name)")
    for backend in [Backend.openBLAS, .portable] {
      let explanation = try withCompute(backend: backend) { try explainer.explain(Self.text) }
      #expect(explanation.maps.map(\.kind) == [.decoder] && explanation.output == nil)
      #expect(explanation.maps[0].isCausal)
      try compare(explanation.maps[0], name)
    }
  }

  @Test(arguments: ["T5/v1.0", "BART/plain"])
  func `an encoder–decoder's weights are PyTorch's`(name: String) throws {
    let (explainer, _) = try explainer(name)
    let explanation = try explainer.explain(Self.text, output: "a mat")
    #expect(explanation.maps.map(\.kind) == [.cross, .encoder, .decoder])
    for map in explanation.maps {
      try compare(map, name.replacingOccurrences(of: "/", with: "-"))
    }
    let output = try #require(explanation.output)
    #expect(output.words.count == 3)
    // The row of "mat" has the weights with which it was chosen, after "a" was read.
    let read = try #require(explanation.map(.decoder)).queries
    #expect(Array(read.ids.dropFirst()) == Array(output.ids.dropLast()))
    #expect(read.isSpecial == [true, false, false] && output.isSpecial == [false, false, true])
  }

  @Test func `without an output, the model generates it`() throws {
    let (explainer, _) = try explainer("T5/v1.0")
    guard case .generator(let generator) = explainer.model else {
      Issue.record("\(explainer)")
      return
    }
    let explanation = try explainer.explain(Self.text)
    let text: GeneratedText = try generator.generate(Self.text)
    #expect(explanation.output?.ids == text.ids)
  }

  @Test func `averaged heads have the mean of the weights`() throws {
    let (explainer, _) = try explainer("LanguageModels/llama3")
    let all = try explainer.explain(Self.text).maps[0]
    var options = ExplanationOptions()
    options.averagesHeads = true
    let mean = try explainer.explain(Self.text, options: options).maps[0]
    #expect(mean.headCount == 1 && mean.layers.count == all.layers.count)
    for layer in all.layers.indices {
      let expected = try all.weights(layer: layer)
      #expect(try mean.weights(layer: layer, head: 0) == expected)
      let sum = (0..<all.headCount).reduce(0.0) { $0 + Double(all.layers[layer][$1, 5, 2]) }
      #expect(abs(sum / Double(all.headCount) - Double(expected[5, 2])) < 1e-6)
    }
  }

  @Test func `words after a word are not among the links of a causal map`() throws {
    let (explainer, _) = try explainer("LanguageModels/gpt2")
    let map = try explainer.explain("the cat sat on").maps[0]
    let sat = try #require(map.queries.occurrences(of: "sat").first)
    let first = map.queries.words.first { !map.queries.isSpecial[$0.lowerBound] }
    #expect(try map.strongestLinks(from: #require(first)).isEmpty)
    let links = try map.strongestLinks(from: sat)
    #expect(!links.isEmpty && links.allSatisfy { $0.target.upperBound <= sat.lowerBound })
  }

  @Test func `texts that a model does not read are refused`() throws {
    let (decoder, _) = try explainer("LanguageModels/gpt2")
    let (encoderDecoder, _) = try explainer("T5/v1.0")
    let (encoder, folder) = try explainer("BERT/plain")
    #expect(failureText { try decoder.explain("a", pair: "b") }.contains("pair"))
    #expect(failureText { try decoder.explain("a", output: "b") }.contains("output"))
    #expect(failureText { try encoderDecoder.explain("a", pair: "b") }.contains("pair"))
    #expect(failureText { try encoder.explain("a", output: "b") }.contains("output"))
    #expect(!folder.path.isEmpty)
  }

  @Test func `the tokens of a pair belong to their texts`() throws {
    let (encoder, _) = try explainer("BERT/plain")
    let input = try encoder.explain("the cat", pair: "cats").input
    #expect(input.tokens == ["[CLS]", "the", "cat", "[SEP]", "cat", "##s", "[SEP]"])
    #expect(input.textIndices == [nil, 0, 0, nil, 1, 1, nil])
    #expect(input.words.map(input.spelling) == ["[CLS]", "the", "cat", "[SEP]", "cats", "[SEP]"])
    #expect(input.occurrences(of: "cats") == [4..<6])
  }

  @Test func `the observed results are those of a pass without an observer`() throws {
    let (explainer, _) = try explainer("LanguageModels/gemma2")
    guard case .generator(let generator) = explainer.model else { return }
    let prompt = PackedTokens([[5, 57, 58, 59]])
    func logits() throws -> Tensor {
      var (state, tokens) = try generator.model.begin(prompt)
      return try generator.model.logits(of: tokens, state: &state, rows: .all)
    }
    let expected = try logits()
    _ = try explainer.explain(Self.text)
    #expect(try logits() == expected)
  }
}
