import ArgumentParser
import Attention
import AttentionModels
import Benchmarks

struct BenchGenerateVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate",
    abstract: "Time how a language model reads a prompt and writes on.",
    discussion: """
      Without a model: a Llama-shaped one with random weights, made in memory, of 12 layers, hidden size \
      768 and 32,000 words. A step that writes a token reads every weight once, and the keys and values \
      of the text so far, so that memory limits its speed: "of memory" is the share of the memory \
      bandwidth in the first lines.

      Cases: prefill, the logits after a prompt; decode, the tokens after it, one after the other; \
      together, the same for several prompts at a time; beams, greedy search for several prompts, then a \
      beam search with as many beams.

      attend bench generate --weights float32,int8 --threads 1,2
      attend bench generate --weights bfloat16 --layer-inputs exact,rounded
      attend bench generate --model Llama-3.2-1B --case decode --tokens 128
      """)

  struct Cases: ParsableArguments {
    @Option(
      help: ArgumentHelp(
        "A decoder's folder, or its name in a cache. (default: random weights)",
        valueName: "folder-or-name"))
    var model: String?

    @Option(
      help: ArgumentHelp(
        """
        Formats of the weights in memory, rows for each: \
        \(WeightFormat.allCases.map(\.name).joined(separator: ", ")). (default: as in the model's \
        files; all, of random weights)
        """, valueName: "formats"),
      transform: { try commaSeparated($0, named) })
    var weights: [WeightFormat]?

    @Option(
      help: ArgumentHelp(
        "Activation precision for narrow weights, rows for each: exact, rounded.",
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
      parsing: .unconditional, help: ArgumentHelp("Tokens of a prompt.", valueName: "count"))
    var prompt = GenerateSizes().prompt
    @Option(
      parsing: .unconditional,
      help: ArgumentHelp("Tokens to write after it.", valueName: "count"))
    var tokens = GenerateSizes().tokens
    @Option(
      parsing: .unconditional,
      help: ArgumentHelp("Prompts of the case together.", valueName: "count"))
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

    /// A row for each format and what is timed of it.
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
        throw Failure.Usage(error)
      }
    }
  }

  struct RandomModel: ParsableArguments {
    @Option(parsing: .unconditional, help: ArgumentHelp("Layers.", valueName: "count"))
    var layers = RandomLlama.Sizes().layers
    @Option(parsing: .unconditional, help: ArgumentHelp("Hidden size.", valueName: "count"))
    var width = RandomLlama.Sizes().width
    @Option(
      parsing: .unconditional,
      help: ArgumentHelp("Intermediate size of the feed-forward layers.", valueName: "count"))
    var inner = RandomLlama.Sizes().inner
    @Option(
      parsing: .unconditional,
      help: ArgumentHelp("Query heads; their number divides the hidden size.", valueName: "count"))
    var heads = RandomLlama.Sizes().heads
    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        "Key/value heads; their number divides that of the query heads.", valueName: "count"))
    var keyValueHeads = RandomLlama.Sizes().keyValueHeads
    @Option(parsing: .unconditional, help: ArgumentHelp("Vocabulary size.", valueName: "count"))
    var words = RandomLlama.Sizes().words

    mutating func validate() throws {
      for (name, count, most) in [
        ("--layers", layers, 1_000), ("--width", width, 1 << 16), ("--inner", inner, 1 << 18),
        ("--heads", heads, 1 << 10), ("--key-value-heads", keyValueHeads, 1 << 10),
        ("--words", words, 1 << 20),
      ] where !(1...most).contains(count) {
        throw ValidationError("\(name): expected 1 to \(most), got \(count)")
      }
      guard width % (2 * heads) == 0 else {
        throw ValidationError(
          "--width: \(width) is not divisible by \(heads) heads with an even number of features each"
        )
      }
      guard heads % keyValueHeads == 0 else {
        throw ValidationError(
          "--heads: \(heads) is not divisible by \(keyValueHeads) heads of keys and values")
      }
    }

    var sizes: RandomLlama.Sizes {
      RandomLlama.Sizes(
        layers: layers, width: width, inner: inner, heads: heads, keyValueHeads: keyValueHeads,
        words: words)
    }
  }

  @OptionGroup(title: "What is timed") var cases: Cases
  @OptionGroup(title: "The model with random weights") var random: RandomModel
  @OptionGroup(title: "Computing") var compute: BenchComputeOptions
  @OptionGroup(title: "Measuring") var options: BenchOptions
  @OptionGroup(title: "Files") var arrays: ArraysOption

  func run() throws {
    try options.run(
      "generate", cases.cases(random.sizes).map(\.benchCase), compute: compute, arrays: arrays,
      readsMemory: true)
  }
}

/// The value of that name.
private func named<Value: CaseIterable & RawRepresentable<String>>(
  _ name: Substring
) throws -> [Value] {
  guard let value = Value(rawValue: String(name)) else {
    let names = Value.allCases.map(\.rawValue).joined(separator: ", ")
    throw ValidationError("expected \(names), got '\(name)'")
  }
  return [value]
}
