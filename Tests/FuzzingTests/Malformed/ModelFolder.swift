import AttentionModels
import Foundation
import TestSupport

/// A folder with the files of a small model, and how the library reads the folder.
enum ModelFolder: String, CaseIterable {
  /// A sentence encoder with `vocab.txt`.
  case encoder
  /// A language model in two files, with `tokenizer.json` and settings for generation.
  case decoder
  /// The tokenizer files of GPT-2.
  case bytePairs
  /// The SentencePiece model of T5.
  case sentencePiece

  func write(to folder: TemporaryDirectory) throws {
    switch self {
    case .encoder:
      try copy("BERT/plain/config.json", to: folder)
      try copy("BERT/plain/model.safetensors", to: folder)
      let words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + (0..<70).map { "w\($0)" }
      try write(words.joined(separator: "\n"), "vocab.txt", to: folder)
      try write("{}", "tokenizer_config.json", to: folder)
      try write(Self.modules, "modules.json", to: folder)
      try write(#"{"pooling_mode_mean_tokens":true}"#, "1_Pooling/config.json", to: folder)
      try write("{}", "sentence_bert_config.json", to: folder)
      try write("{}", "config_sentence_transformers.json", to: folder)
    case .decoder:
      for name in ["config.json", "model.safetensors"] {
        try copy("LanguageModels/llama/\(name)", to: folder)
      }
      try FileManager.default.moveItem(
        atPath: folder.path("model.safetensors"), toPath: folder.path("weights"))
      let names = try StateDictionary(contentsOf: folder.path("weights")).names
      let map = names.map { "\"\($0)\":\"weights\"" }.joined(separator: ",")
      try write(#"{"weight_map":{\#(map)}}"#, "model.safetensors.index.json", to: folder)
      try write(#"{"max_new_tokens":2}"#, "generation_config.json", to: folder)
      try folder.write(
        Corpora.input("accepted-wordpiece", of: .tokenizer), to: "tokenizer.json")
    case .bytePairs:
      try copy("TokenizerFolders/bytes-vocab.json", of: "TokenizersTests", to: folder, "vocab.json")
      try copy("TokenizerFolders/bytes-merges.txt", of: "TokenizersTests", to: folder, "merges.txt")
      try write(#"{"tokenizer_class":"GPT2Tokenizer"}"#, "tokenizer_config.json", to: folder)
      try write("{}", "special_tokens_map.json", to: folder)
      try write("{}", "added_tokens.json", to: folder)
      try write(#"{"model_type":"gpt2"}"#, "config.json", to: folder)
    case .sentencePiece:
      try copy("TokenizerFolders/t5.model", of: "TokenizersTests", to: folder, "spiece.model")
      try write(#"{"tokenizer_class":"T5Tokenizer"}"#, "tokenizer_config.json", to: folder)
    }
  }

  /// Reads all files of the folder.
  ///
  /// - Throws: the error of the first file that is refused.
  func read(_ path: String) throws {
    switch self {
    case .encoder: _ = try SentenceEmbedder(model: path).embed("w1 w2")
    case .decoder:
      let directory = try ModelDirectory(path: path)
      let model = try LanguageModels.load(directory)
      let options = try GenerationOptions(reading: directory)
      _ = try model.generate([[1]], options: options)
      _ = try Tokenizer(directory).encode("a b")
    case .bytePairs, .sentencePiece: _ = try Tokenizer(directory: path).encode("a b")
    }
  }

  static let modules = """
    [{"idx":0,"name":"0","path":"","type":"sentence_transformers.models.Transformer"},
     {"idx":1,"name":"1","path":"1_Pooling","type":"sentence_transformers.models.Pooling"}]
    """

  private func write(_ text: String, _ name: String, to folder: TemporaryDirectory) throws {
    try folder.write(text.utf8, to: name)
  }

  private func copy(
    _ fixture: String, of target: String = "AttentionModelsTests", to folder: TemporaryDirectory,
    _ name: String? = nil
  ) throws {
    let source = ArticleCode.root(of: #filePath, depth: 4)
      .appendingPathComponent("Tests/\(target)/Fixtures/\(fixture)")
    try folder.write(Data(contentsOf: source), to: name ?? source.lastPathComponent)
  }
}
