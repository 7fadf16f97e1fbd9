import Attention
import AttentionModels

/// Tokenizes texts on one thread.
package struct TokenizerCase {
  package let tokenizer: Tokenizer
  package let name: String
  package let texts: [String]

  package init(
    tokenizer: Tokenizer, name: String, texts: [String]
  ) {
    self.tokenizer = tokenizer
    self.name = name
    self.texts = texts
  }

  package var benchCase: BenchCase {
    BenchCase(name: name, length: texts.count, series: BenchSeries("tokenizer")) {
      let encodings = try encoded()
      return BenchCase.Prepared(
        work: BenchWork(
          tokens: encodings.reduce(0) { $0 + $1.count }, texts: texts.count,
          textBytes: texts.reduce(0) { $0 + $1.utf8.count }),
        run: { for text in texts { _ = try tokenizer.encode(text) } },
        check: { BenchCheck(error: try check(encoded()), bound: 0) },
        arrays: {
          let ids = encodings.flatMap(\.ids)
          return try [("ids", ids), ("lengths", encodings.map(\.count))].map {
            ($0, try NPYArray(shape: [$1.count], elements: .int64($1.map { Int64($0) })))
          }
        })
    }
  }

  private func encoded() throws -> [Encoding] { try texts.map { try tokenizer.encode($0) } }

  /// The number of wrong encodings: token offsets that are not ascending or not inside the text, or an id
  /// without a token.
  private func check(_ encodings: [Encoding]) -> Double {
    Double(
      zip(texts, encodings).count { text, encoding in
        let scalarCount = text.unicodeScalars.count
        var end = 0
        for index in encoding.ids.indices {
          guard tokenizer.token(of: encoding.ids[index]) != nil else { return true }
          if encoding.isSpecial[index] { continue }
          let range = encoding.offsets[index]
          guard range.lowerBound >= end, range.upperBound <= scalarCount else { return true }
          // A character may become two tokens, both with the offsets of the whole character.
          end = range.lowerBound
        }
        return false
      })
  }

  /// The default texts: prose, numbers, accents, several scripts and emoji.
  package static let sample: [String] = {
    let lines = [
      "The cat sat on the mat because it was tired, and nobody minded.",
      "Self-attention lets every token of a sequence look at every other one; its cost grows with the "
        + "square of the length, which is why people have tried so hard to make it cheaper.",
      "In 2017, eight authors wrote eleven pages; by 2024 they had been cited more than 100,000 times.",
      "Die Katze saß müde auf der Fußmatte und träumte von Mäusen.",
      "Où est passé le café crème de l'hôtel? Señor Núñez no lo sabe.",
      "注意力機構は、文の中の単語どうしの関係を見る。",
      "Кошка сидела на коврике, потому что устала.",
      "🎉 let x = try attention(queries: q, keys: k, values: v) // O(n²), but who's counting?",
    ]
    return (0..<200).flatMap { _ in lines }
  }()
}
