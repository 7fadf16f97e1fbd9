import ArgumentParser
import Attention
import AttentionModels
import Benchmarks

struct BenchGenerateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate",
    abstract: "Time the prefill and decoding of a language model.",
    discussion: """
      Default: a Llama-shaped model with random weights, with 12 layers, hidden size 768 and a vocabulary \
      of 32,000. A decoding step reads every weight and the KV cache once, so memory bandwidth limits its \
      speed: "of memory" is the fraction of the memory bandwidth in the first lines.

      Cases: prefill, the logits after a prompt; decode, token-by-token decoding after one prompt; batch, \
      the same for a batch of prompts; beams, greedy search for a batch of prompts, then beam search with \
      the same number of beams.

      attend bench generate --weights float32,int8 --threads 1,2
      attend bench generate --weights bfloat16 --layer-inputs exact,rounded
      attend bench generate --model Llama-3.2-1B --case decode --tokens 128
      """)

  struct Cases: ParsableArguments {
    @Option(
      help: ArgumentHelp(
        "Folder of a decoder-only model, or its name in a cache. (default: random weights)",
        valueName: "folder-or-name"))
    var model: String?

    @Option(
      help: ArgumentHelp(
        """
        Formats of the weights in memory, with rows for each: \
        \(WeightFormat.allCases.map(\.name).joined(separator: ", ")). (default: as in the model's \
        files; all for random weights)
        """, valueName: "formats"),
      transform: { try commaSeparated($0, named) })
    var weights: [WeightFormat]?

    @Option(
      help: ArgumentHelp(
        "Activation precision for weights below float32, with rows for each: exact, rounded.",
        valueName: "names"),
      transform: { try commaSeparated($0, named) })
    var layerInputs: [LayerInputs] = [.exact]

    @Option(
      name: .customLong("case"),
      help: ArgumentHelp(
        """
        Cases to time: \(GenerateKind.allCases.map(\.rawValue).joined(separator: ", ")). \
        (default: all)
        """, valueName: "names"),
      transform: { try commaSeparated($0, named) })
    var kinds: [GenerateKind]?

    @Option(
      parsing: .unconditional, help: ArgumentHelp("Tokens per prompt.", valueName: "count"))
    var prompt = GenerateSizes().prompt
    @Option(
      parsing: .unconditional,
      help: ArgumentHelp("New tokens per prompt.", valueName: "count"))
    var tokens = GenerateSizes().tokens
    @Option(
      parsing: .unconditional,
      help: ArgumentHelp("Prompts per batch, for the case batch.", valueName: "count"))
    var prompts = GenerateSizes().prompts
    @Option(
      parsing: .unconditional, help: ArgumentHelp("Number of beams.", valueName: "count"))
    var beams = GenerateSizes().beams

    mutating func validate() throws {
      for (name, count, most) in [
        ("--prompt", prompt, 1 << 20), ("--tokens", tokens, 1 << 20),
        ("--prompts", prompts, 1 << 12), ("--beams", beams, 1 << 8),
      ] where !(1...most).contains(count) {
        throw ValidationError("\(name): expected 1 to \(most), got \(count)")
      }
    }

    /// The cases for each weight format and activation precision.
    func cases(_ random: RandomLlama.Sizes) throws -> [GenerateCase] {
      let source: GenerateModels.Source =
        if let model { .directory(try directory(model)) } else { .random(random) }
      let models = GenerateModels(source)
      let sizes = GenerateSizes(prompt: prompt, tokens: tokens, prompts: prompts, beams: beams)
      let formats: [WeightFormat?] = weights ?? (model == nil ? WeightFormat.allCases : [nil])
      return formats.flatMap { format in
        layerInputs.flatMap { inputs in
          (kinds ?? GenerateKind.allCases).flatMap(sizes.cases).map {
            GenerateCase(
              models: models, format: format, inputs: inputs, work: $0, sizes: sizes)
          }
        }
      }
    }

    private func directory(_ name: String) throws -> ModelDirectory {
      do {
        return try ModelDirectory(name)
      } catch let error as ModelError {
        throw CLIError.Usage(error)
      }
    }
  }

  struct RandomModel: ParsableArguments {
    @Option(parsing: .unconditional, help: ArgumentHelp("Number of layers.", valueName: "count"))
    var layers = RandomLlama.Sizes().layers
    @Option(parsing: .unconditional, help: ArgumentHelp("Hidden size.", valueName: "count"))
    var hiddenSize = RandomLlama.Sizes().hiddenSize
    @Option(
      parsing: .unconditional,
      help: ArgumentHelp("Intermediate size of the feed-forward layers.", valueName: "count"))
    var intermediateSize = RandomLlama.Sizes().intermediateSize
    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        "Number of query heads, which divides the hidden size.", valueName: "count"))
    var heads = RandomLlama.Sizes().heads
    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        "Number of key-value heads, which divides the number of query heads.", valueName: "count"))
    var keyValueHeads = RandomLlama.Sizes().keyValueHeads
    @Option(parsing: .unconditional, help: ArgumentHelp("Vocabulary size.", valueName: "count"))
    var vocabularySize = RandomLlama.Sizes().vocabularySize

    mutating func validate() throws {
      for (name, count, most) in [
        ("--layers", layers, 1_000), ("--hidden-size", hiddenSize, 1 << 16),
        ("--intermediate-size", intermediateSize, 1 << 18),
        ("--heads", heads, 1 << 10), ("--key-value-heads", keyValueHeads, 1 << 10),
        ("--vocabulary-size", vocabularySize, 1 << 20),
      ] where !(1...most).contains(count) {
        throw ValidationError("\(name): expected 1 to \(most), got \(count)")
      }
      guard hiddenSize % (2 * heads) == 0 else {
        throw ValidationError(
          "--hidden-size: \(hiddenSize) is not divisible by \(heads) heads with an even number of features each"
        )
      }
      guard heads % keyValueHeads == 0 else {
        throw ValidationError(
          "--heads: \(heads) is not divisible by \(keyValueHeads) key-value heads")
      }
    }

    var sizes: RandomLlama.Sizes {
      RandomLlama.Sizes(
        layers: layers, hiddenSize: hiddenSize, intermediateSize: intermediateSize, heads: heads,
        keyValueHeads: keyValueHeads,
        vocabularySize: vocabularySize)
    }
  }

  @OptionGroup(title: "Workload") var cases: Cases
  @OptionGroup(title: "Model with random weights") var random: RandomModel
  @OptionGroup(title: "Computing") var compute: BenchComputeOptions
  @OptionGroup(title: "Measuring") var options: BenchOptions
  @OptionGroup(title: "Files") var arrays: ArraysOption

  func run() throws {
    try options.run(
      "generate", cases.cases(random.sizes).map(\.benchCase), compute: compute, arrays: arrays,
      readsMemory: true)
  }
}

/// Parses the name of a value.
private func named<Value: CaseIterable & RawRepresentable<String>>(
  _ name: Substring
) throws -> [Value] {
  guard let value = Value(rawValue: String(name)) else {
    let names = Value.allCases.map(\.rawValue).joined(separator: ", ")
    throw ValidationError("expected \(names), got '\(name)'")
  }
  return [value]
}
