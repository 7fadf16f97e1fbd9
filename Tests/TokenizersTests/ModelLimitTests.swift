import Testing

@testable import Tokenizers

/// Constants of the models at their edges, in tokenizers of a few tokens. The ids are those of `tokenizers`
/// 0.23.
@Suite struct ModelLimitTests {
  private func ids(_ text: String, model: String) throws -> [Int] {
    let file =
      #"{"version":"1.0","added_tokens":[],"normalizer":null,"pre_tokenizer":null,"decoder":null,"#
      + #""model":\#(model)}"#
    let value = try JSON.parse(Array(file.utf8))
    let reader = ConfigurationReader(
      path: "tokenizer.json", object: value.object ?? JSONObject(), role: .tokenizer)
    return try Tokenizer(TokenizerFile.pipeline(reader)).encode(text).ids
  }

  /// "é" has two bytes: the limit counts letters.
  @Test(arguments: ["a", "é"])
  func `a WordPiece word of 100 letters is split, and one of 101 is unknown`(letter: String) throws
  {
    let model =
      ###"{"type":"WordPiece","unk_token":"[UNK]","continuing_subword_prefix":"##","###
      + ###""max_input_chars_per_word":100,"vocab":{"[UNK]":0,"a":1,"##a":2,"é":3,"##é":4}}"###
    let first = letter == "a" ? 1 : 3
    let longest = try ids(String(repeating: letter, count: 100), model: model)
    #expect(longest == [first] + Array(repeating: first + 1, count: 99))
    #expect(try ids(String(repeating: letter, count: 101), model: model) == [0])
  }

  /// "ab" is one token of score 0, or "a" and the unknown letter "b": its score is the lowest score minus 10.
  @Test(arguments: [(9.5, [2]), (10.5, [1, 0])])
  func `an unknown letter of Unigram costs 10 more than the least probable token`(
    score: Double, expected: [Int]
  ) throws {
    let model = #"{"type":"Unigram","unk_id":0,"vocab":[["<unk>",0],["a",\#(score)],["ab",0]]}"#
    #expect(try ids("ab", model: model) == expected)
  }
}
