import Attention
import Testing

@testable import AttentionModels

/// The results of `transformers` with the tables, from Scripts/fixtures/generation.py.
enum GenerationFixtures {
  /// Sequences that `generate()` returned.
  struct Sequences {
    let seed: Int
    let model: TableModel
    let options: GenerationOptions
    let prompts: [[Int]]
    /// For each prompt, the new tokens and the scores of a beam search.
    let results: [[(ids: [Int], score: Double?)]]
  }

  /// The results of a small checkpoint.
  struct Checkpoint {
    let folder: String
    /// The checkpoint's options with changes.
    let options: GenerationOptions
    let prompts: [[Int]]
    let results: [[(ids: [Int], score: Double?)]]
  }

  /// A row that the processors and warpers have changed.
  struct Row {
    let seed: Int
    let hasTies: Bool
    let scores: [Float]
    let options: GenerationOptions
    let history: TokenHistory
    let row: [Float]
  }

  static func sequences() throws -> [Sequences] {
    try cases("sequences.json").map { config in
      let options = try options(config)
      let seed = try config.integer("seed", in: 0...Int.max)
      return try Sequences(
        seed: seed,
        model: TableModel(
          seed: UInt64(seed), vocabularySize: config.integer("vocabulary", in: 1...100),
          stops: options.eosTokens ?? [], stopBias: Float(config.number("stopBias", in: 0...9))),
        options: options,
        prompts: config.array("prompts").map { try integers($0) },
        results: results(config))
    }
  }

  /// The results of the small checkpoints.
  static func checkpoints() throws -> [Checkpoint] {
    try cases("checkpoints.json").map { config in
      Checkpoint(
        folder: try config.string("folder"), options: try options(config),
        prompts: try config.array("prompts").map { try integers($0) },
        results: try results(config))
    }
  }

  static func rows() throws -> [Row] {
    try cases("logits.json").map { config in
      let options = try options(config)
      let seed = try config.integer("seed", in: 0...Int.max)
      let hasTies = try config.boolean("ties")
      var scores = TableModel.numbers(
        seed: UInt64(seed), count: try config.integer("vocabulary", in: 1...100))
      if hasTies { scores = scores.map { ($0 * 2).rounded(.down) / 2 } }
      if try config.boolean("holes") {
        for index in stride(from: 0, to: scores.count, by: 7) { scores[index] = -.infinity }
      }
      let ids = try config.array("ids").map { try #require($0.integer) }
      let start = Array(ids.prefix(try config.integer("prompt", in: 1...100)))
      var history = TokenHistory(
        start: start, prompt: start, maxLength: try #require(options.maxLength))
      history.ids = ids
      return Row(
        seed: seed, hasTies: hasTies, scores: scores, options: options, history: history,
        row: try config.array("row").map {
          $0.string == "-inf" ? -.infinity : Float(try #require($0.number?.double))
        })
    }
  }

  private static func cases(_ name: String) throws -> [ConfigurationReader] {
    let path = Fixtures.path("Generation/\(name)")
    let json = try JSON.parse(InputFile.contents(ofFile: path, limit: 1 << 20))
    return try #require(json.array).map {
      ConfigurationReader(path: path, object: try #require($0.object))
    }
  }

  private static func results(
    _ config: ConfigurationReader
  ) throws -> [[(ids: [Int], score: Double?)]] {
    try config.array("results").map { texts in
      try #require(texts.array).map { text in
        let text = try #require(text.object)
        return (try integers(#require(text["ids"])), text["score"]?.number?.double)
      }
    }
  }

  private static func options(_ config: ConfigurationReader) throws -> GenerationOptions {
    // The options of a case change the options in the folder of the checkpoint.
    var options =
      if let folder = try config.optionalString("folder") {
        try GenerationOptions(reading: ModelDirectory(path: Fixtures.path(folder)))
      } else {
        GenerationOptions()
      }
    try options.apply(config.nested("options"))
    return options
  }

  private static func integers(_ json: JSON) throws -> [Int] {
    try #require(json.array).map { try #require($0.integer) }
  }
}
