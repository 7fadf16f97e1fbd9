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

  @Test func `what a file says is taken over, and the rest is as in transformers`() throws {
    var wanted = GenerationOptions()
    #expect(try options("{}") == wanted)
    #expect(try options([:]) == wanted)
    wanted.maximumLength = 142
    wanted.minimumLength = 56
    wanted.beamCount = 4
    wanted.noRepeatNGramSize = 3
    wanted.earlyStopping = .whenFull
    wanted.lengthPenalty = 2
    wanted.beginToken = 0
    wanted.stopTokens = [2]
    wanted.paddingToken = 1
    wanted.forcedFirstToken = 0
    wanted.forcedLastTokens = [2]
    // That of bart-large-cnn.
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
    wanted.beginToken = 128_000
    wanted.stopTokens = [128_001, 128_009]
    wanted.samples = true
    wanted.temperature = 0.6
    wanted.topP = 0.9
    // That of Llama-3.
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
    wanted.maximumNewTokens = 9
    wanted.minimumNewTokens = 2
    wanted.earlyStopping = .whenImpossible
    wanted.bannedSequences = [[1], [2, 3]]
    wanted.suppressedTokens = [4]
    wanted.beginSuppressedTokens = [5, 6]
    wanted.stopStrings = ["\n\n", "END"]
    wanted.promptNoRepeatNGramSize = 4
    wanted.beamCount = 3
    wanted.sequenceCount = 2
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

  @Test func `an older model's options are those of its configuration`() throws {
    let config = """
      {"model_type": "bart", "num_beams": 4, "max_length": 62, "eos_token_id": 2, "bos_token_id": 7,
       "force_bos_token_to_be_generated": true, "task_specific_params": {}, "architectures": ["X"]}
      """
    var wanted = GenerationOptions()
    wanted.beamCount = 4
    wanted.maximumLength = 62
    wanted.stopTokens = [2]
    wanted.beginToken = 7
    wanted.forcedFirstToken = 7
    #expect(try options(["config.json": config]) == wanted)
    #expect(
      try options(["config.json": config, "generation_config.json": "{}"]) == GenerationOptions())
  }

  @Test(arguments: [
    ("penalty_alpha", "0.6"), ("num_beam_groups", "2"), ("diversity_penalty", "0.5"),
    ("typical_p", "0.9"), ("epsilon_cutoff", "3e-4"), ("eta_cutoff", "3e-4"), ("top_h", "0.4"),
    ("guidance_scale", "1.5"), ("encoder_repetition_penalty", "1.2"), ("max_time", "3"),
    ("prompt_lookup_num_tokens", "10"), ("assistant_early_exit", "4"),
    ("renormalize_logits", "true"), ("token_healing", "true"), ("sequence_bias", "[[[1], 2.0]]"),
    ("exponential_decay_length_penalty", "[15, 1.6]"), ("force_words_ids", "[[1]]"),
    ("constraints", "[]"), ("watermarking_config", "{}"), ("dola_layers", "\"high\""),
    ("forced_decoder_ids", "[[1, 50259]]"),
  ])
  func `what would change the text and is not implemented is refused by name`(
    key: String, value: String
  ) {
    let text = failureText { try options("{\"\(key)\": \(value)}") }
    #expect(text.contains("unsupported \(key)"), "\(text)")
    #expect(text.contains("generation_config.json"), "\(text)")
  }

  @Test(arguments: [
    ("temperature", "0"), ("temperature", "-1.0"), ("temperature", "\"hot\""), ("top_p", "1.5"),
    ("temperature", "1e99"), ("top_k", "-1"), ("top_k", "2.5"), ("max_length", "0"),
    ("max_new_tokens", "1e3"), ("max_new_tokens", "-5"), ("num_beams", "0"),
    ("num_beams", "1000000000000000000"), ("eos_token_id", "-1"), ("eos_token_id", "[1, \"a\"]"),
    ("eos_token_id", "99999999999"), ("early_stopping", "\"always\""), ("do_sample", "1"),
    ("bad_words_ids", "[[]]"), ("bad_words_ids", "[1.5]"), ("stop_strings", "[\"\"]"),
    ("stop_strings", "[1]"), ("num_return_sequences", "3"), ("repetition_penalty", "0"),
    ("min_p", "-0.5"), ("typical_p", "\"x\""), ("min_length", "-1"),
  ])
  func `a value that makes no sense is refused with file and key`(key: String, value: String) {
    let text = failureText { try options("{\"\(key)\": \(value)}") }
    #expect(text.contains("generation_config.json: "), "\(text)")
    #expect(text.contains(key), "\(text)")
  }
}
