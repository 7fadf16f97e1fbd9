import ArgumentParser
import Attention
import AttentionModels
import Benchmarks

/// Flags of text generation. Without a flag, the value in the model's files applies.
struct GenerationFlags: ParsableArguments {
  @OptionGroup(title: "Length and end") var ends: EndFlags
  @OptionGroup(title: "Sampling (any of these enables it)")
  var sampling: SamplingFlags
  @OptionGroup(title: "Beam search and number of results") var beams: BeamFlags
  @OptionGroup(title: "Repetition") var repetition: RepetitionFlags

  /// The maximum number of new tokens if neither a flag nor the model sets one.
  static let maxNewTokens = 128

  mutating func validate() throws {
    do {
      try Self.naming { try applied(to: GenerationOptions()).check() }
    } catch let error as CLIError.Usage {
      throw ValidationError(error.message)
    }
    if beams.lengthPenalty != nil, beams.beams ?? 1 == 1 {
      throw ValidationError("--length-penalty: requires --beams of at least 2")
    }
  }

  /// The model's options, changed by the flags.
  func applied(to options: GenerationOptions) -> GenerationOptions {
    var options = options
    ends.apply(to: &options)
    beams.apply(to: &options)
    sampling.apply(to: &options)
    repetition.apply(to: &options)
    if options.beamCount == 1, options.resultCount > 1, sampling.temperature != 0 {
      options.isSampling = true
    }
    return options
  }

  /// Calls `check`; errors name flags instead of options.
  ///
  /// - Throws: `CLIError.Usage` naming the flag of a wrong value.
  static func naming<Value>(_ check: () throws -> Value) throws -> Value {
    do {
      return try names.naming(check)
    } catch let error as AttentionError {
      throw CLIError.Usage(error)
    }
  }

  private static let names: ArgumentNames = {
    let flags = [
      "maxNewTokens": "--max-tokens", "temperature": "--temperature", "topK": "--top-k",
      "topP": "--top-p", "minP": "--min-p", "beamCount": "--beams",
      "lengthPenalty": "--length-penalty", "resultCount": "--results", "stopStrings": "--stop",
      "repetitionPenalty": "--repetition-penalty", "frequencyPenalty": "--frequency-penalty",
      "presencePenalty": "--presence-penalty", "noRepeatNGramSize": "--no-repeat-ngram",
      "logProbabilities": "--logprobs", "isSampling": "sampling",
    ]
    return ArgumentNames(flags, mentionedInReasons: Set(flags.keys))
  }()
}

/// When to stop generating.
struct EndFlags: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Maximum number of new tokens. (default: the model's, else 128)", valueName: "count")
  )
  var maxTokens: Int?
  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "Stop before this string. May be repeated.", valueName: "string"))
  var stop: [String] = []

  func apply(to options: inout GenerationOptions) {
    if let maxTokens {
      options.maxNewTokens = maxTokens
      options.minNewTokens = min(options.minNewTokens, max(maxTokens, 0))
    } else if options.maxNewTokens == nil, options.maxLength == nil {
      options.maxNewTokens = GenerationFlags.maxNewTokens
    }
    options.stopStrings += stop
  }
}

/// How the next token is sampled.
struct SamplingFlags: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Sampling temperature: below 1 is less random, above 1 more; 0 is greedy.",
      valueName: "number"))
  var temperature: Float?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Keep the k most probable tokens (0: no limit).", valueName: "k"))
  var topK: Int?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Nucleus sampling: keep the most probable tokens up to this total probability.",
      valueName: "p"))
  var topP: Float?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Drop tokens whose probability is below this fraction of the highest one.",
      valueName: "fraction"))
  var minP: Float?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Random seed, for reproducible output.", valueName: "number"))
  var seed: UInt64?

  func apply(to options: inout GenerationOptions) {
    if temperature != nil || topK != nil || topP != nil || minP != nil || seed != nil {
      options.isSampling = temperature != 0
    }
    if let temperature, temperature != 0 { options.temperature = temperature }
    if let topK { options.topK = topK == 0 ? nil : topK }
    options.topP = topP ?? options.topP
    options.minP = minP ?? options.minP
    options.seed = seed ?? options.seed
  }
}

/// Beam search, and the number of results.
struct BeamFlags: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Number of beams (1: no beam search).", valueName: "count"))
  var beams: Int?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Above 0, prefer longer texts; below 0, shorter texts. Requires --beams.",
      valueName: "number"))
  var lengthPenalty: Float?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Number of results per text: the best beams, or samples.", valueName: "count"))
  var results: Int?

  func apply(to options: inout GenerationOptions) {
    options.beamCount = beams ?? options.beamCount
    options.lengthPenalty = lengthPenalty ?? options.lengthPenalty
    // Default: one result, whatever the model's files say.
    options.resultCount = results ?? 1
  }
}

/// Penalties for repeated tokens.
struct RepetitionFlags: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Penalty for tokens that occur in the prompt or the generated text (1: off).",
      valueName: "number"))
  var repetitionPenalty: Float?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Subtract this from a token's logit for each time it was generated.", valueName: "number"))
  var frequencyPenalty: Float?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Subtract this from a token's logit if it was generated before.", valueName: "number"))
  var presencePenalty: Float?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Generate no sequence of n tokens twice (0: off).", valueName: "n")
  )
  var noRepeatNgram: Int?

  func apply(to options: inout GenerationOptions) {
    options.repetitionPenalty = repetitionPenalty ?? options.repetitionPenalty
    options.frequencyPenalty = frequencyPenalty ?? options.frequencyPenalty
    options.presencePenalty = presencePenalty ?? options.presencePenalty
    options.noRepeatNGramSize = noRepeatNgram ?? options.noRepeatNGramSize
  }
}
