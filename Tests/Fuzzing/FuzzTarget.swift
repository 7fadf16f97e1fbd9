/// A parser of files from strangers, as a function of bytes.
///
/// `Scripts/fuzz` runs the targets with libFuzzer, `FuzzingTests` with the files in `Corpora`, and
/// `Scripts/compare-parsers` with mutants.
package enum FuzzTarget: String, CaseIterable, Sendable {
  /// A `.safetensors` file.
  case safetensors
  /// Two bytes with the number of data bytes, then the header of a `.safetensors` file.
  case header
  /// A `config.json`.
  case configuration
  /// A `tokenizer.json`.
  case tokenizer
  /// The number of a tokenizer, then a text.
  case text
  /// A `.npy` file.
  case npy
  /// A digit with the behavior, the pattern up to the first newline, then a text.
  case pattern

  func parser() throws -> any FuzzedParser {
    switch self {
    case .safetensors: SafetensorsParser(folder: try FuzzFolder(), isHeader: false)
    case .header: SafetensorsParser(folder: try FuzzFolder(), isHeader: true)
    case .configuration: try ConfigurationParser()
    case .tokenizer: TokenizerParser(folder: try FuzzFolder())
    case .text: TextParser()
    case .npy: NPYParser(folder: try FuzzFolder())
    case .pattern: PatternParser(folder: try FuzzFolder())
    }
  }
}

/// Parses inputs of one target and checks the results.
protocol FuzzedParser: Sendable {
  /// Parses an input.
  ///
  /// - Returns: the result, as JSON.
  /// - Throws: `FuzzViolation` for a result that contradicts the input or itself; an error of the library if
  ///   the input is refused.
  func parse(_ bytes: [UInt8]) throws -> String
}
