import Attention
import TestSupport
import Testing

@testable import AttentionModels

@Suite struct GenerationFileTests {
  /// The options of a folder with these files.
  private func options(_ files: [String: String]) throws -> GenerationOptions {
    let folder = try TemporaryDirectory()
    for (name, text) in files { try folder.write(text.utf8, to: name) }
    return try GenerationOptions(reading: ModelDirectory(path: folder.path))
  }

  private func options(_ text: String) throws -> GenerationOptions {
    try options(["generation_config.json": text])
  }

  @Test func `a file sets options, and missing keys have the defaults of transformers`() throws {
    var wanted = GenerationOptions()
    #expect(try options("{}") == wanted)
    #expect(try options([:]) == wanted)
    wanted.maxLength = 142
    wanted.minLength = 56
    wanted.beamCount = 4
    wanted.noRepeatNGramSize = 3
    wanted.earlyStopping = .whenFull
    wanted.lengthPenalty = 2
    wanted.bosToken = 0
    wanted.eosTokens = [2]
    wanted.padToken = 1
    wanted.forcedFirstToken = 0
    wanted.forcedLastTokens = [2]
    // The file of bart-large-cnn.
    #expect(
      try options(
        """
        {"_from_model_config": true, "bos_token_id": 0, "decoder_start_token_id": 2,
         "early_stopping": true, "eos_token_id": 2, "forced_bos_token_id": 0,
         "forced_eos_token_id": 2, "length_penalty": 2.0, "max_length": 142, "min_length": 56,
         "no_repeat_ngram_size": 3, "num_beams": 4, "pad_token_id": 1,
         "transformers_version": "4.27.0.dev0", "unknown": [{}]}
        """) == wanted)
    wanted = GenerationOptions()
    wanted.bosToken = 128_000
    wanted.eosTokens = [128_001, 128_009]
    wanted.isSampling = true
    wanted.temperature = 0.6
    wanted.topP = 0.9
    // The file of Llama-3.
    #expect(
      try options(
        """
        {"bos_token_id": 128000, "do_sample": true, "eos_token_id": [128001, 128009],
         "temperature": 0.6, "max_length": null, "top_p": 0.9}
        """) == wanted)
    wanted = GenerationOptions()
    wanted.topK = nil
    wanted.minP = 0.1
    wanted.repetitionPenalty = 1.1
    wanted.maxNewTokens = 9
    wanted.minNewTokens = 2
    wanted.earlyStopping = .whenImpossible
    wanted.bannedSequences = [[1], [2, 3]]
    wanted.suppressedTokens = [4]
    wanted.beginSuppressedTokens = [5, 6]
    wanted.stopStrings = ["\n\n", "END"]
    wanted.promptNoRepeatNGramSize = 4
    wanted.beamCount = 3
    wanted.resultCount = 2
    #expect(
      try options(
        """
        {"top_k": 0, "min_p": 0.1, "repetition_penalty": 1.1, "max_new_tokens": 9,
         "min_new_tokens": 2, "early_stopping": "never", "bad_words_ids": [[1], [2, 3]],
         "suppress_tokens": [4], "begin_suppress_tokens": [5, 6], "stop_strings": ["\\n\\n", "END"],
         "encoder_no_repeat_ngram_size": 4, "num_beams": 3, "num_return_sequences": 2,
         "typical_p": 1.0, "num_beam_groups": 1, "diversity_penalty": 0.0, "use_cache": true,
         "renormalize_logits": false, "guidance_scale": 1}
        """) == wanted)
    #expect(try options("{\"early_stopping\": false}").earlyStopping == .whenUnlikely)
  }

  @Test func `an older model's options are read from config.json`() throws {
    let config = """
      {"model_type": "bart", "num_beams": 4, "max_length": 62, "eos_token_id": 2, "bos_token_id": 7,
       "force_bos_token_to_be_generated": true, "task_specific_params": {}, "architectures": ["X"]}
      """
    var wanted = GenerationOptions()
    wanted.beamCount = 4
    wanted.maxLength = 62
    wanted.eosTokens = [2]
    wanted.bosToken = 7
    wanted.forcedFirstToken = 7
    #expect(try options(["config.json": config]) == wanted)
    #expect(
      try options(["config.json": config, "generation_config.json": "{}"]) == GenerationOptions())
  }

  /// Settings that are not implemented, by the mode in which they have an effect.
  private static let modes = [
    "sampling": "\"do_sample\": true", "beams": "\"num_beams\": 2", "greedy": "\"num_beams\": 1",
  ]

  @Test(arguments: [
    ("", "guidance_scale", "1.5"), ("", "encoder_repetition_penalty", "1.2"), ("", "max_time", "3"),
    ("", "token_healing", "true"), ("", "sequence_bias", "[[[1], 2.0]]"),
    ("", "exponential_decay_length_penalty", "[15, 1.6]"), ("", "force_words_ids", "[[1]]"),
    ("", "constraints", "[]"), ("", "watermarking_config", "{}"), ("", "is_assistant", "true"),
    ("sampling", "typical_p", "0.9"), ("sampling", "epsilon_cutoff", "3e-4"),
    ("sampling", "eta_cutoff", "3e-4"), ("sampling", "top_h", "0.4"),
    ("beams", "num_beam_groups", "2"), ("greedy", "penalty_alpha", "0.6"),
    ("greedy", "dola_layers", "\"high\""),
  ])
  func `a setting that is not implemented is refused by name if it has an effect`(
    mode: String, key: String, value: String
  ) throws {
    for (name, setting) in Self.modes {
      let file = "{\"\(key)\": \(value), \(setting)}"
      if mode.isEmpty || mode == name {
        let text = failureText { try options(file) }
        #expect(text.contains("unsupported \(key) = "), "\(file): \(text)")
        #expect(text.contains("generation_config.json"), "\(text)")
      } else if !(key == "dola_layers" && name == "sampling") {
        #expect(throws: Never.self, "\(file)") { try options(file) }
      }
    }
  }

  @Test func `a setting without effect is refused when the caller turns its mode on`() throws {
    var sampling = try options("{\"typical_p\": 0.5, \"top_k\": -1, \"temperature\": \"hot\"}")
    sampling.isSampling = true
    let model = TableModel(seed: 1, vocabularySize: 9)
    #expect(
      failureText { try model.generate([[1]], options: sampling) }
        .contains("temperature: expected number, got string \"hot\""))
    sampling.refusals["temperature"] = nil
    #expect(
      failureText { try model.generate([[1]], options: sampling) }
        .contains("generation_config.json: unsupported typical_p = 0.5"))
    sampling.refusals["typical_p"] = nil
    #expect(
      failureText { try model.generate([[1]], options: sampling) }.contains("topK: ")
        && sampling.topK == -1)
  }

  @Test(arguments: [
    ("max_length", "0"), ("max_new_tokens", "1e3"), ("max_new_tokens", "-5"), ("num_beams", "0"),
    ("num_beams", "1000000000000000000"), ("eos_token_id", "[1, \"a\"]"), ("do_sample", "1"),
    ("bad_words_ids", "[\"x\"]"), ("bad_words_ids", "[1.5]"), ("stop_strings", "[\"\"]"),
    ("stop_strings", "[1]"), ("num_return_sequences", "3"), ("repetition_penalty", "0"),
    ("repetition_penalty", "NaN"), ("min_length", "\"5\""), ("guidance_scale", "\"x\""),
    ("forced_bos_token_id", "[1, 2]"), ("forced_eos_token_id", "-1"), ("bad_words_ids", "[[-1]]"),
  ])
  func `a wrong value is refused with file and key`(key: String, value: String) {
    let text = failureText { try options("{\"\(key)\": \(value)}") }
    #expect(text.contains("generation_config.json: "), "\(text)")
    #expect(text.contains(key), "\(text)")
  }

  @Test(arguments: [
    ("sampling", "temperature", "0"), ("sampling", "temperature", "-1.0"),
    ("sampling", "temperature", "\"hot\""), ("sampling", "temperature", "1e99"),
    ("sampling", "temperature", "Infinity"), ("sampling", "top_k", "-1"),
    ("sampling", "top_k", "2.5"), ("sampling", "top_p", "-0.5"), ("sampling", "min_p", "-0.5"),
    ("sampling", "typical_p", "\"x\""), ("beams", "early_stopping", "\"always\""),
    ("beams", "length_penalty", "NaN"), ("beams", "length_penalty", "[1]"),
    ("beams", "renormalize_logits", "1"),
  ])
  func `a wrong value is refused only in the mode in which it has an effect`(
    mode: String, key: String, value: String
  ) throws {
    for (name, setting) in Self.modes {
      let file = "{\"\(key)\": \(value), \(setting)}"
      if mode == name {
        let text = failureText { try options(file) }
        #expect(text.contains("generation_config.json: \(key): "), "\(text)")
      } else {
        #expect(throws: Never.self, "\(file)") { try options(file) }
      }
    }
  }

  @Test func `values without effect are not errors`() throws {
    let files = [
      #"{"eos_token_id": -1, "pad_token_id": -1, "bos_token_id": -1}"#,
      #"{"eos_token_id": [50256, 99999999999], "bos_token_id": "x", "pad_token_id": [[]]}"#,
      #"{"max_length": 0, "max_new_tokens": 5, "min_length": -1, "min_new_tokens": 9}"#,
      #"{"top_p": 1.5, "do_sample": true, "epsilon_cutoff": 2, "eta_cutoff": -1, "typical_p": 7}"#,
      #"{"diversity_penalty": 0.5, "num_beam_groups": 2, "length_penalty": "x"}"#,
      #"{"prompt_lookup_num_tokens": 10, "assistant_early_exit": 4, "use_mtp": true}"#,
      #"{"forced_decoder_ids": [[1, 50259]], "remove_invalid_values": true, "low_memory": true}"#,
      #"{"renormalize_logits": true, "suppress_tokens": [-1, 50256], "begin_suppress_tokens": []}"#,
      #"{"cache_implementation": "x", "nobody": NaN, "knows": [-Infinity], "this": {}}"#,
      #"{"bad_words_ids": [[]], "min_length": "5", "min_new_tokens": 1}"#,
      #"{"no_repeat_ngram_size": -1, "encoder_no_repeat_ngram_size": -1, "max_time": null}"#,
    ]
    for file in files {
      #expect(throws: Never.self, "\(file)") { try options(file) }
    }
    #expect(try options(files[2]).minNewTokens == 9)
    #expect(try options(files[0]).eosTokens == [-1])
    #expect(try options(files[1]).bosToken == nil)
    #expect(try options("{\"max_length\": 100000000000000000000}").maxLength == 1 << 30)
    #expect(
      try options("{\"min_length\": 7, \"min_new_tokens\": 2}").minLength == 0)
  }

  @Test func `a forced or banned token must be in the vocabulary, and the error names its key`()
    throws
  {
    for (key, value) in [
      ("forced_eos_token_id", "[1, 9]"), ("bad_words_ids", "[[9]]"),
    ] {
      let folder = try TemporaryDirectory()
      try folder.write("{\"\(key)\": \(value)}".utf8, to: "generation_config.json")
      let directory = try ModelDirectory(path: folder.path)
      let text = failureText { try GenerationOptions(reading: directory, vocabularySize: 9) }
      #expect(
        text.contains("generation_config.json: \(key): id 9 ") && text.hasSuffix("vocabulary of 9"),
        "\(text)")
      #expect(throws: Never.self) {
        try GenerationOptions(reading: directory, vocabularySize: 10)
      }
    }
  }

  @Test func `a forced first token outside the vocabulary is refused after a single start token`()
    throws
  {
    let folder = try TemporaryDirectory()
    try folder.write("{\"forced_bos_token_id\": 9}".utf8, to: "generation_config.json")
    let directory = try ModelDirectory(path: folder.path)
    let options = try GenerationOptions(reading: directory, vocabularySize: 9)
    let model = TableModel(seed: 1, vocabularySize: 9)
    #expect(try model.generate([[1, 2]], options: options)[0][0].ids.count == 20)
    let text = failureText { try model.generate([[1, 2], [1]], options: options) }
    #expect(
      text.contains("generation_config.json: forced_bos_token_id: id 9 ")
        && text.hasSuffix("vocabulary of 9"),
      "\(text)")
  }

  @Test func `an error names a token that is both forced and suppressed`() throws {
    for key in ["forced_bos_token_id", "forced_eos_token_id"] {
      let text = failureText { try options("{\"\(key)\": 4, \"suppress_tokens\": [3, 4]}") }
      #expect(text.contains("generation_config.json: \(key): [4]"), "\(text)")
    }
    #expect(throws: Never.self) {
      try options("{\"forced_eos_token_id\": [4, 5], \"suppress_tokens\": [4]}")
    }
  }
}
