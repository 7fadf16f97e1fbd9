import ArgumentParser
import Attention
import AttentionModels

/// How texts are written, as flags: what none of them says is as the model's own files have it.
struct GenerationFlags: ParsableArguments {
  @OptionGroup(title: "Length and end") var ends: EndFlags
  @OptionGroup(title: "Drawing at random, which any of these turns on")
  var drawing: DrawingFlags
  @OptionGroup(title: "Beam search, and several results") var beams: BeamFlags
  @OptionGroup(title: "Repetition") var repetition: RepetitionFlags

  /// How many tokens are written where neither a flag nor the model says.
  static let maximumNewTokens = 128

  mutating func validate() throws {
    do {
      _ = try applied(to: GenerationOptions())
    } catch let error as Failure.Usage {
      throw ValidationError(error.message)
    }
  }

  /// The model's options with these flags in their place.
  ///
  /// - Parameter vocabularySize: the number of token ids, if it is known.
  /// - Throws: `Failure.Usage` naming a flag that makes no sense.
  func applied(
    to options: GenerationOptions, vocabularySize: Int? = nil
  ) throws -> GenerationOptions {
    var options = options
    ends.apply(to: &options)
    beams.apply(to: &options)
    drawing.apply(to: &options)
    repetition.apply(to: &options)
    if options.beamCount == 1, options.sequenceCount > 1, drawing.temperature != 0 {
      options.samples = true
    }
    do {
      try options.check(vocabularySize: vocabularySize)
    } catch AttentionError.argument(let name, let reason) {
      // By the names that a person has typed.
      let text = Self.names.reduce(reason) { $0.replacing($1.key, with: $1.value) }
      throw Failure.Usage("\(Self.names[name] ?? name): \(text)")
    }
    if beams.lengthPenalty != nil, options.beamCount == 1 {
      throw Failure.Usage("--length-penalty: needs more than one of --beams")
    }
    return options
  }

  /// Flags by the options that they set.
  private static let names = [
    "maximumNewTokens": "--max-tokens", "temperature": "--temperature", "topK": "--top-k",
    "topP": "--top-p", "minP": "--min-p", "beamCount": "--beams",
    "lengthPenalty": "--length-penalty", "sequenceCount": "--results", "stopStrings": "--stop",
    "repetitionPenalty": "--repetition-penalty", "frequencyPenalty": "--frequency-penalty",
    "presencePenalty": "--presence-penalty", "noRepeatNGramSize": "--no-repeat-ngram",
    "logProbabilities": "--logprobs", "samples": "drawing at random",
  ]
}

/// Where a text ends.
struct EndFlags: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The most tokens that are written. (default: the model's, else 128)", valueName: "count"))
  var maxTokens: Int?
  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "A text ends before this string; give the flag again for another.", valueName: "string"))
  var stop: [String] = []

  func apply(to options: inout GenerationOptions) {
    if let maxTokens {
      options.maximumNewTokens = maxTokens
      options.minimumNewTokens = min(options.minimumNewTokens, max(maxTokens, 0))
    } else if options.maximumNewTokens == nil, options.maximumLength == nil {
      options.maximumNewTokens = GenerationFlags.maximumNewTokens
    }
    options.stopStrings += stop
  }
}

/// How tokens are drawn.
struct DrawingFlags: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Below 1 sharpens the distribution, above 1 flattens it; 0 takes the likeliest token.",
      valueName: "number"))
  var temperature: Float?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("So many tokens are left, the likeliest; 0 is all.", valueName: "count"))
  var topK: Int?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The likeliest are left whose probabilities add up to this.", valueName: "share"))
  var topP: Float?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Those are left that are this part as likely as the likeliest.", valueName: "share"))
  var minP: Float?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "What the random numbers begin with; the same seed, the same text.", valueName: "number"))
  var seed: UInt64?

  func apply(to options: inout GenerationOptions) {
    if temperature != nil || topK != nil || topP != nil || minP != nil || seed != nil {
      options.samples = temperature != 0
    }
    if let temperature, temperature != 0 { options.temperature = temperature }
    if let topK { options.topK = topK == 0 ? nil : topK }
    options.topP = topP ?? options.topP
    options.minP = minP ?? options.minP
    options.seed = seed ?? options.seed
  }
}

/// How the best of several texts is looked for.
struct BeamFlags: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("So many texts are pursued at once.", valueName: "count"))
  var beams: Int?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Above 0 prefers longer texts, below 0 shorter ones.", valueName: "number"))
  var lengthPenalty: Float?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "So many results for each text: the best beams, or drawn anew.", valueName: "count"))
  var results: Int?

  func apply(to options: inout GenerationOptions) {
    options.beamCount = beams ?? options.beamCount
    options.lengthPenalty = lengthPenalty ?? options.lengthPenalty
    // The best of several is what is wanted of a model that would give them all.
    options.sequenceCount = results ?? 1
  }
}

/// What is done against a text that goes round in circles.
struct RepetitionFlags: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Above 1 makes tokens unlikely that the text or its prompt has.", valueName: "number"))
  var repetitionPenalty: Float?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Taken from a new token's logit for each time it was written.", valueName: "number"))
  var frequencyPenalty: Float?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Taken from a new token's logit if it was written before.", valueName: "number"))
  var presencePenalty: Float?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("No run of so many tokens comes twice.", valueName: "count"))
  var noRepeatNgram: Int?

  func apply(to options: inout GenerationOptions) {
    options.repetitionPenalty = repetitionPenalty ?? options.repetitionPenalty
    options.frequencyPenalty = frequencyPenalty ?? options.frequencyPenalty
    options.presencePenalty = presencePenalty ?? options.presencePenalty
    options.noRepeatNGramSize = noRepeatNgram ?? options.noRepeatNGramSize
  }
}
