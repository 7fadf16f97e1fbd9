import TestSupport
import Testing

/// Files that are valid JSON or text, with a value that is wrong: the error names the file, the place and the
/// value.
@Suite struct InvalidValueTests {
  private typealias Row = (contents: String, reason: String)

  private func expect(_ rows: [Row], _ model: ModelFolder, _ name: String) throws {
    let folder = try TemporaryDirectory()
    try model.write(to: folder)
    for (contents, reason) in rows {
      try folder.write(contents.utf8, to: name)
      let text = failureText { try model.read(folder.path) }
      #expect(
        text.hasPrefix("\(folder.path(name)): ") && text.contains(reason), "\(contents): \(text)")
    }
  }

  @Test func `modules json`() throws {
    func module(_ idx: String, _ type: String, _ path: String) -> String {
      #"[{"idx":\#(idx),"type":\#(type),"path":\#(path)}]"#
    }
    try expect(
      [
        ("[1]", "[0]: expected object, got integer"), ("[{}]", "missing key [0].idx"),
        (module("null", #""Pooling""#, #""""#), "missing key [0].idx"),
        (module("-1", #""Pooling""#, #""""#), "[0].idx: expected integer in the range 0...1000"),
        (module("1e0", #""Pooling""#, #""""#), "[0].idx: expected integer"),
        (module("99999999999999999999", #""Pooling""#, #""""#), "[0].idx: expected integer"),
        (module("0", "7", #""""#), "[0].type: expected string, got 7"),
        (module("0", #""Pooling""#, "[]"), "[0].path: expected string, got array"),
        (module("0", #""a.WordWeights""#, #""""#), "unsupported module a.WordWeights"),
      ], .encoder, "modules.json")
  }

  @Test func `settings of sentence encoders`() throws {
    try expect(
      [
        (#"{"pooling_mode":[]}"#, "pooling_mode: no pooling mode"),
        (#"{"pooling_mode_mean_tokens":1}"#, "pooling_mode_mean_tokens: expected boolean, got 1"),
        (#"{"pooling_mode_mean_tokens":"true"}"#, "pooling_mode_mean_tokens: expected boolean"),
        (#"{"pooling_mode":7}"#, "pooling_mode: expected string or array of strings, got 7"),
        (#"{"pooling_mode":[null]}"#, "pooling_mode: expected string or array of strings"),
        (#"{"pooling_mode":"other"}"#, "unsupported pooling_mode other"),
        (#"{"include_prompt":0}"#, "include_prompt: expected boolean, got 0"),
      ], .encoder, "1_Pooling/config.json")
    try expect(
      [
        (#"{"max_seq_length":0}"#, "max_seq_length: expected integer in the range 1..."),
        (#"{"max_seq_length":-5}"#, "max_seq_length: expected integer in the range 1..."),
        (#"{"max_seq_length":1e18}"#, "max_seq_length: expected integer"),
        (#"{"max_seq_length":"20"}"#, "max_seq_length: expected integer"),
        (#"{"do_lower_case":0}"#, "do_lower_case: expected boolean, got 0"),
      ], .encoder, "sentence_bert_config.json")
    try expect(
      [
        (#"{"default_prompt_name":"x"}"#, "default_prompt_name x: no prompt of this name"),
        (#"{"default_prompt_name":"x","prompts":{}}"#, "default_prompt_name x: no prompt"),
        (#"{"truncate_dim":0}"#, "truncate_dim: expected integer in the range 1..."),
        (#"{"default_prompt_name":"x","prompts":[]}"#, "prompts: expected object, got array"),
        (#"{"default_prompt_name":"x","prompts":{"x":1}}"#, "prompts.x: expected string, got 1"),
        (#"{"similarity_fn_name":"other"}"#, "unsupported similarity_fn_name other"),
        (#"{"similarity_fn_name":1}"#, "similarity_fn_name: expected string, got 1"),
      ], .encoder, "config_sentence_transformers.json")
  }

  @Test func `settings of tokenizers`() throws {
    try expect(
      [
        (#"{"model_max_length":0}"#, "model_max_length: expected number of at least 1, got 0"),
        (#"{"model_max_length":-1}"#, "model_max_length: expected number of at least 1"),
        (#"{"model_max_length":NaN}"#, "model_max_length: expected number of at least 1"),
        (#"{"model_max_length":"512"}"#, "model_max_length: expected number of at least 1"),
        (#"{"do_lower_case":"yes"}"#, "do_lower_case: expected boolean"),
        (#"{"strip_accents":1}"#, "strip_accents: expected boolean"),
        (#"{"tokenize_chinese_chars":[]}"#, "tokenize_chinese_chars: expected boolean"),
        (#"{"cls_token":7}"#, "cls_token: expected token, got 7"),
        (#"{"cls_token":{}}"#, "missing key cls_token.content"),
        (#"{"cls_token":{"content":1}}"#, "cls_token.content: expected string, got 1"),
        (
          #"{"mask_token":{"content":"x","lstrip":"no"}}"#,
          "mask_token.lstrip: expected boolean, got string"
        ),
        (#"{"split_special_tokens":"x"}"#, "split_special_tokens: expected boolean"),
        (#"{"added_tokens_decoder":7}"#, "added_tokens_decoder: expected object, got 7"),
        (
          #"{"added_tokens_decoder":{"16777216":{"content":"x"}}}"#,
          "added_tokens_decoder.16777216: expected an id in the range 0..<16777216"
        ),
        (#"{"added_tokens_decoder":{"1":{}}}"#, "missing key added_tokens_decoder.1.content"),
        (#"{"additional_special_tokens":[7]}"#, "additional_special_tokens: expected token, got 7"),
        (#"{"extra_special_tokens":{"x":[]}}"#, "x: expected token, got array"),
      ], .encoder, "tokenizer_config.json")
    try expect(
      [
        (#"{"a":-1}"#, "a: expected integer in the range 0...16777215, got -1"),
        (#"{"a":16777216}"#, "a: expected integer in the range 0...16777215"),
        (#"{"a":1.0}"#, "a: expected integer"), (#"{"a":"1"}"#, "a: expected integer"),
        (#"{"a":null}"#, "missing key a"),
        (
          "{\"\(String(repeating: "x", count: 1025))\":1}", "a token: 1025 bytes, the limit is 1024"
        ),
      ], .bytePairs, "added_tokens.json")
    try expect(
      [
        (#"{"bos_token":7}"#, "bos_token: expected token, got 7"),
        (#"{"additional_special_tokens":"x"}"#, "additional_special_tokens: expected array"),
        (#"{"extra_special_tokens":[[]]}"#, "extra_special_tokens: expected token, got array"),
      ], .bytePairs, "special_tokens_map.json")
    try expect(
      [
        (#"{"extra_ids":-1,"tokenizer_class":"T5Tokenizer"}"#, "extra_ids: expected integer"),
        (#"{"extra_ids":1e9,"tokenizer_class":"T5Tokenizer"}"#, "extra_ids: expected integer"),
        (#"{"extra_ids":100001,"tokenizer_class":"T5Tokenizer"}"#, "extra_ids: expected integer"),
      ], .sentencePiece, "tokenizer_config.json")
  }

  @Test func `vocabularies and merges`() throws {
    try expect(
      [
        (#"{"a":0,"b":0}"#, "duplicate id 0"), (#"{"a":-1}"#, "a: expected an id"),
        (#"{"a":1.5}"#, "a: expected an id"), (#"{"a":"0"}"#, "a: expected an id"),
        (#"{"a":null}"#, "a: expected an id"), (#"{"a":[]}"#, "a: expected an id"),
        (#"{"a":16777216}"#, "a: expected an id, an integer in the range 0..<16777216"),
      ], .bytePairs, "vocab.json")
    try expect(
      [
        ("a", "line 1"), ("a b c", "line 1"), ("#version: 0.2\na", "line 2"),
        ("#version: 0.2\n a", "line 2"), ("zz yy", #"the token "zz" is missing"#),
        ("version https", #"the token "version" is missing"#),
      ], .bytePairs, "merges.txt")
    try expect(
      [("", "unknown token"), ("a\nb\nc", "unknown token")], .encoder, "vocab.txt")
    try expect(
      [
        ("", "without pieces"), ("\n", "truncated"), ("\0", "field number 0"),
        ("\u{B}", "wire type 3"), ("{\"version\":\"1.0\"}", "protobuf, byte"),
      ], .sentencePiece, "spiece.model")
  }

  @Test func `indices of weights`() throws {
    try expect(
      [
        ("{}", "missing key weight_map"), (#"{"weight_map":null}"#, "weight_map: expected object"),
        (#"{"weight_map":[]}"#, "weight_map: expected object, got array"),
        (#"{"weight_map":{"a":1}}"#, "weight_map, 'a': expected string, got integer"),
        (#"{"weight_map":{"a":null}}"#, "weight_map, 'a': expected string, got null"),
        (#"{"weight_map":{"a":["weights"]}}"#, "weight_map, 'a': expected string, got array"),
      ], .decoder, "model.safetensors.index.json")
  }

  @Test func `settings of generation`() throws {
    try expect(
      [
        (#"{"max_new_tokens":0}"#, "max_new_tokens: expected integer in the range 1..."),
        (#"{"max_new_tokens":-1}"#, "max_new_tokens: expected integer in the range 1..."),
        (#"{"max_new_tokens":1e9}"#, "max_new_tokens: expected integer"),
        (#"{"max_new_tokens":"9"}"#, "max_new_tokens: expected integer"),
        (#"{"num_beams":0}"#, "num_beams: expected integer in the range 1..."),
        (#"{"num_beams":2.5}"#, "num_beams: expected integer"),
        (#"{"num_beams":99999999999999999999}"#, "num_beams: expected integer"),
        (#"{"num_return_sequences":0}"#, "num_return_sequences: expected integer"),
        (#"{"num_return_sequences":4}"#, "num_return_sequences"),
        (#"{"do_sample":1}"#, "do_sample: expected boolean, got 1"),
        (#"{"do_sample":true,"temperature":0}"#, "temperature"),
        (#"{"do_sample":true,"temperature":-1}"#, "temperature"),
        (#"{"do_sample":true,"temperature":NaN}"#, "temperature: expected"),
        (#"{"do_sample":true,"top_p":-0.5}"#, "top_p"),
        (#"{"do_sample":true,"top_k":-1}"#, "top_k"),
        (#"{"do_sample":true,"min_p":2}"#, "min_p"),
        (#"{"repetition_penalty":0}"#, "repetition_penalty"),
        (#"{"repetition_penalty":"x"}"#, "repetition_penalty: expected number"),
        (#"{"bad_words_ids":7}"#, "bad_words_ids"), (#"{"bad_words_ids":["a"]}"#, "bad_words_ids"),
        (#"{"bad_words_ids":[["a"]]}"#, "bad_words_ids"),
        (#"{"eos_token_id":"x"}"#, "eos_token_id"), (#"{"eos_token_id":[1.5]}"#, "eos_token_id"),
        (#"{"suppress_tokens":"a"}"#, "suppress_tokens"), (#"{"stop_strings":7}"#, "stop_strings"),
        (#"{"stop_strings":[""]}"#, "stop_strings"),
        (#"{"num_beams":2,"length_penalty":"x"}"#, "length_penalty: expected number"),
        (#"{"num_beams":2,"early_stopping":7}"#, "early_stopping"),
      ], .decoder, "generation_config.json")
  }

  @Test func `sizes of models`() throws {
    try expect(
      [
        ("{}", "missing key model_type"), (#"{"model_type":null}"#, "missing key model_type"),
        (#"{"model_type":"mamba"}"#, "unsupported architecture mamba for "),
        (#"{"model_type":"llama","hidden_size":"24"}"#, "hidden_size: expected integer"),
        (#"{"model_type":"llama","num_hidden_layers":0}"#, "num_hidden_layers: expected integer"),
        (#"{"model_type":"llama","head_dim":7}"#, "the head dimension 7 is not even"),
        (
          #"{"model_type":"llama","num_attention_heads":4,"num_key_value_heads":3}"#,
          "num_attention_heads 4 is not divisible by num_key_value_heads 3"
        ),
        (#"{"model_type":"llama","rope_theta":0}"#, "rope_theta: expected number"),
        (#"{"model_type":"llama","rms_norm_eps":-1}"#, "rms_norm_eps: expected number"),
        (#"{"model_type":"llama","hidden_act":"x"}"#, "unsupported hidden_act x"),
      ], .decoder, "config.json")
  }
}
