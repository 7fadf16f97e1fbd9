import Attention
import AttentionModels

extension LessonInput {
  /// A typed sentence, with embeddings and matrices of multiples of 0.1 from −1 to 1.
  ///
  /// A word has the same embedding in every sentence, with or without capitals. The matrices depend only on
  /// their sizes.
  ///
  /// - Parameter name: the sentence in errors.
  /// - Throws: `CLIError.Usage` for no word, too many words or too many heads.
  init(sentence: String, named name: String, headCount: Int) throws {
    let words = Self.words(of: sentence)
    guard !words.isEmpty else { throw CLIError.Usage("\(name): no words") }
    guard words.count <= Self.wordLimit else {
      throw CLIError.Usage(
        "\(name): expected at most \(Self.wordLimit) words and punctuation marks, got \(words.count)"
      )
    }
    // Heads of two features, but not fewer than four features.
    let size = max(4, 2 * headCount)
    guard size <= Self.featureLimit else {
      throw CLIError.Usage(
        "--heads: expected at most \(Self.featureLimit / 2) for a sentence, got \(headCount)")
    }
    var generator = SplitMix64(seed: 1)
    func matrix() throws -> Tensor {
      try Tensor(rows: (0..<size).map { _ in Self.tenths(count: size, from: &generator) })
    }
    let embeddings = words.map { word in
      var generator = SplitMix64(seed: Self.seed(of: word))
      return Self.tenths(count: size, from: &generator)
    }
    let projections = Projections(
      embeddings: try Tensor(rows: embeddings), query: try matrix(), key: try matrix(),
      value: try matrix())
    let outputWeight = headCount > 1 ? try matrix() : nil
    try self.init(words: words, projections: projections, outputWeight: outputWeight)
  }

  /// The words and the punctuation marks of a sentence. Apostrophes and hyphens belong to a word.
  static func words(of sentence: String) -> [String] {
    var words: [String] = []
    var isInsideWord = false
    for character in sentence {
      let isPart =
        character.isLetter || character.isNumber || isInsideWord && "'’-_".contains(character)
      if isPart, isInsideWord {
        words[words.count - 1].append(character)
      } else if !character.isWhitespace, !printable(String(character)).hasPrefix("\\u") {
        words.append(String(character))
      }
      isInsideWord = isPart
    }
    return words
  }

  /// Multiples of 0.1 from −1 to 1.
  private static func tenths(count: Int, from generator: inout SplitMix64) -> [Float] {
    (0..<count).map { _ in Float(Int(generator.nextUnit() * 21) - 10) / 10 }
  }

  /// A number that depends on the letters of a word.
  private static func seed(of word: String) -> UInt64 {
    word.lowercased().utf8.reduce(7) { SplitMix64.mix($0 &+ UInt64($1)) }
  }
}
