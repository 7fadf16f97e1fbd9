/// The kinds of files that are read as a whole, with their limits: the only place for them.
///
/// Each limit is several times the largest published file of its kind. A larger file is damaged or malicious, and is
/// refused before it is read. The weights themselves have no limit: they are read tensor by tensor.
package enum FileKind: CaseIterable, Sendable {
  case configuration
  case generationConfiguration
  case sentenceModules
  case tokenizerConfiguration
  case tokenizer
  case vocabulary
  case merges
  case sentencePieceModel
  case safetensorsHeader
  case safetensorsIndex
  case npyHeader
  case reference
  case wordList
  case exampleMatrices

  private typealias Row = (name: String, limit: Int, memoryFactor: Int)

  /// - `name`: the kind in error messages.
  /// - `limit`: the largest size in bytes.
  /// - `memoryFactor`: the bytes of memory per byte of the file, for the parsed file and for the tables that are
  ///   built from it. Published tokenizers take up to 4; the factor is for files of many short tokens.
  private var row: Row {
    switch self {
    // Largest known: 1 MB, with the labels of 21,000 classes.
    case .configuration: ("config.json", 4 << 20, 4)
    // Largest known: 100 KB, with banned words.
    case .generationConfiguration: ("generation_config.json", 1 << 20, 4)
    // modules.json, 1_Pooling/config.json and the like: 1 KB.
    case .sentenceModules: ("configuration file of sentence-transformers", 1 << 20, 4)
    // tokenizer_config.json, special_tokens_map.json and added_tokens.json. Largest known: 1.2 MB, of Gemma 3.
    case .tokenizerConfiguration: ("tokenizer configuration", 8 << 20, 24)
    // Largest known: 33 MB, of Gemma 3.
    case .tokenizer: ("tokenizer.json", 128 << 20, 8)
    // vocab.json and vocab.txt. Largest known: 5 MB, of LaBSE.
    case .vocabulary: ("vocabulary", 32 << 20, 12)
    // Largest known: 2 MB, of Qwen 2.
    case .merges: ("merges.txt", 16 << 20, 8)
    // Largest known: 5 MB, of XLM-RoBERTa.
    case .sentencePieceModel: ("SentencePiece model", 32 << 20, 8)
    // The limit of the format; the limit on the number of tensors applies as well.
    case .safetensorsHeader: ("safetensors header", 100_000_000, 4)
    // Largest known: 9 MB, of DeepSeek-V3.
    case .safetensorsIndex: ("safetensors index", 32 << 20, 4)
    // NumPy writes 128 bytes, and more only for structured types.
    case .npyHeader: (".npy header", 1 << 20, 2)
    // A file in `refs` of Hugging Face's cache: the 40 digits of a commit.
    case .reference: ("reference to a commit", 1 << 10, 1)
    // The words that a demo model knows.
    case .wordList: ("word list", 1 << 20, 4)
    // The vectors and matrices of at most 12 tokens: a few KB.
    case .exampleMatrices: ("file of example matrices", 1 << 20, 4)
    }
  }

  package var name: String { row.name }

  /// The largest size in bytes that is read.
  package var limit: Int { row.limit }

  /// Checks a size, and that memory for the file and what is built from it can be allocated.
  ///
  /// - Throws: `AttentionError.file` with size and limit; `AttentionError.memory`.
  package func check(byteCount: Int, path: String) throws {
    guard byteCount <= limit else {
      throw AttentionError.file(
        path: path, reason: "\(byteCount) bytes, more than the limit of \(limit) for a \(name)")
    }
    try requireMemory(
      byteCount: byteCount * row.memoryFactor, purpose: "reading \(printable(path))")
  }
}
