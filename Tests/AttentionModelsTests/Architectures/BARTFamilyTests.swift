import Attention
import TestSupport
import Testing

@testable import AttentionModels

/// What differs between BART, Marian, M2M-100, mBART and Pegasus: keys of `config.json`, and positions.
@Suite struct BARTFamilyTests {
  private func configuration(_ text: String) throws -> BART.Configuration {
    try BART.Configuration(
      ConfigurationReader(
        path: "config.json", object: try #require(JSON.parse(Array(text.utf8)).object)))
  }

  @Test func `Marian may have separate vocabularies`() throws {
    let keys = #""model_type":"marian","vocab_size":9,"decoder_vocab_size":7"#
    let separate = #"{\#(keys),"share_encoder_decoder_embeddings":false,"decoder_start_token_id":"#
    let found = try configuration(separate + "6}")
    #expect(found.vocabularySize == 7 && found.encoderVocabularySize == 9)
    #expect(failureText { try configuration(separate + "7}") }.contains("range 0...6"))
    let shared = try configuration("{\(keys),\"decoder_start_token_id\":8}")
    #expect(shared.vocabularySize == 9 && shared.encoderVocabularySize == 9)
  }

  @Test(arguments: [
    (#"{"model_type":"m2m_100","bos_token_id":0}"#, 2), (#"{"model_type":"mbart"}"#, 0),
    (#"{"model_type":"mbart","bos_token_id":5}"#, 5), (#"{"model_type":"pegasus"}"#, 0),
    (#"{"model_type":"bart","decoder_start_token_id":null,"bos_token_id":7}"#, 7),
  ])
  func `the start token is the file's, else the default of the family`(text: String, token: Int)
    throws
  {
    #expect(try configuration(text).startToken == token)
  }

  @Test(arguments: [
    (#"{"model_type":"mbart","bos_token_id":null}"#, "missing key decoder_start_token_id"),
    (#"{"model_type":"marian","vocab_size":9}"#, "default 58100 is out of range"),
    (#"{"model_type":"m2m_100","pad_token_id":-1}"#, "pad_token_id: expected integer"),
    (#"{"model_type":"m2m_100","pad_token_id":128112}"#, "pad_token_id: expected integer"),
  ])
  func `a missing or invalid token is named`(text: String, word: String) {
    let failure = failureText { try configuration(text) }
    #expect(failure.contains(word), "\(failure)")
  }

  @Test func `keys of early releases have no effect on other families than BART`() throws {
    let plain = try configuration(#"{"model_type":"pegasus"}"#)
    let old = try configuration(
      #"{"model_type":"pegasus","normalize_before":true,"add_final_layer_norm":true,"#
        + #""static_position_embeddings":true,"normalize_embedding":false,"extra_pos_embeddings":1}"#
    )
    #expect(old == plain)
  }

  @Test func `fairseq's positions need at least four features`() throws {
    for size in [2, 3] {
      let text = failureText { try SinusoidalPositions(hiddenSize: size, formula: .fairseq) }
      #expect(text.contains("at least 4") && text.contains("got \(size)"), "\(text)")
      _ = try SinusoidalPositions(hiddenSize: size, formula: .marian)
    }
  }

  @Test func `computed positions skip padding tokens, and have rows of zeros for them`() throws {
    let formula = try SinusoidalPositions(hiddenSize: 4, formula: .fairseq)
    let positions = ComputedPositions(formula: formula, paddingToken: 1)
    let rows = try positions(PackedTokens([[5, 1, 6], [7]]), startingAt: [0, 3])
    #expect(rows.scalars == (try formula.rows([2, nil, 3, 5])).scalars)
    #expect(rows.scalars[4..<8].allSatisfy { $0 == 0 })
  }

  @Test func `Marian's prompts have the limit of max_position_embeddings`() throws {
    let model = try EncoderDecoderFixture("Marian/separate").model
    #expect(model.maxLength == 40 && model.promptVocabularySize == 32 && model.vocabularySize == 26)
    let text = failureText {
      try model.begin(PackedTokens([Array(repeating: 3, count: 41)]))
    }
    #expect(text.contains("41 tokens, longer than the limit of 40"), "\(text)")
    #expect(try EncoderDecoderFixture("M2M100/odd").model.maxLength == nil)
  }
}
