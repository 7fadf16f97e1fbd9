import AttentionModels
import DemonstrationModels
import Testing

/// The code of the article "Classify, tag, answer and fill in", and its results.
struct HeadTaskCode {
  @Test func `texts get labels`() throws {
    let classifier = try TextClassifier(DemonstrationModel.toySentiment.directory())
    let moods = try classifier.labels(of: ["I love this film.", "I hate this film."])
    let best = moods.map { $0[0].label }
    // positive
    // negative
    #expect(best == ["positive", "negative"])

    let zeroShot = try ZeroShotClassifier(DemonstrationModel.toyNLI.directory())
    let topics = try zeroShot.labels(
      among: ["food", "music", "weather"], of: ["Anna cooks the soup."])
    let topic = topics[0][0].label  // food
    #expect(topic == "food")
  }

  @Test func `names are found`() throws {
    let tagger = try EntityTagger(DemonstrationModel.toyNames.directory())
    let entities = try tagger.entities(
      in: "My name is Sarah and I live in London.", aggregation: .first)
    let names = entities.map { "\($0.label) \($0.text) \($0.range)" }
    // PER Sarah 11..<16
    // LOC London 31..<37
    #expect(names == ["PER Sarah 11..<16", "LOC London 31..<37"])
  }

  @Test func `a question is answered`() throws {
    let answerer = try QuestionAnswerer(DemonstrationModel.toyAnswers.directory())
    let context = "Anna is a teacher. She lives in a small house."
    let answer = try answerer.answers(to: "Where does Anna live?", in: context)[0]
    let words = answer.text  // in a small house
    #expect(words == "in a small house")
  }

  @Test func `a mask is filled`() throws {
    let filler = try MaskFiller(DemonstrationModel.toyFill.directory())
    let predictions = try filler.predictions(for: "Paris is the [MASK] of France.")
    let word = predictions[0][0].token  // capital
    #expect(word == "capital")
  }

  @Test func `passages are sorted`() throws {
    let reranker = try CrossEncoder(DemonstrationModel.toyRerank.directory())
    let passages = [
      "The office is open from nine to five.", "I forgot my password and cannot log in.",
      "The invoice is wrong.",
    ]
    let ranked = try reranker.rank(passages, for: "How do I reset my password?")
    let first = passages[ranked[0].index]  // I forgot my password and cannot log in.
    #expect(first == passages[1])
  }
}
