import Attention
import AttentionModels
import DemonstrationModels
import TestSupport
import Testing

/// The code of the article "Translate, summarize and answer questions", and its results.
struct WritingTaskCode {
  private let generator: TextGenerator

  init() throws { generator = try TextGenerator(DemonstrationModel.toyT5.directory()) }

  @Test func `texts are translated, summarized and answered`() throws {
    let generator = try TextGenerator(DemonstrationModel.toyT5.directory())
    let french = try generator.translate(
      [
        "The cat sat on the mat.",
        "The animal didn't cross the street because it was too tired.",
        "The animal didn't cross the street because it was too wide.",
      ],
      from: "en", to: "fr")
    let sentences = french.map(\.text)
    // Le chat était assis sur le tapis.
    // L'animal n'a pas traversé la rue parce qu'il était trop fatigué.
    // L'animal n'a pas traversé la rue parce qu'elle était trop large.
    #expect(
      sentences == [
        "Le chat était assis sur le tapis.",
        "L'animal n'a pas traversé la rue parce qu'il était trop fatigué.",
        "L'animal n'a pas traversé la rue parce qu'elle était trop large.",
      ])

    let story = """
      Anna is a young teacher. She lives in a small house. In the morning, \
      she went to the market. She bought a red hat there. She was very happy.
      """
    let summary = try generator.summarize([story])[0].text
    // Anna, a teacher, bought a red hat at the market and was happy.
    #expect(summary == "Anna, a teacher, bought a red hat at the market and was happy.")

    let answers = try generator.answer(
      ["Where does Anna live?", "Who lives in a small house?"],
      context: "Anna is a teacher. She lives in a small house.")
    let words = answers.map(\.text)
    // in a small house
    // Anna
    #expect(words == ["in a small house", "Anna"])

    let isWhole = french.allSatisfy { $0.finishReason != .length }  // true
    #expect(isWhole)
  }

  @Test func `languages have the codes of ISO 639 or of a model`() throws {
    let languages = generator.languages  // en, fr
    let translation = try generator.translate(
      "The cat sat on the mat.", from: "eng", to: "fra_Latn")
    // Le chat était assis sur le tapis.
    #expect(languages == ["en", "fr"])
    #expect(translation.text == "Le chat était assis sur le tapis.")
  }

  @Test func `a task can be changed, or created from its prefix`() throws {
    let names = generator.tasks.map(\.name)
    // summarization, translation_en_to_fr
    #expect(names == ["summarization", "translation_en_to_fr"])

    var task = try generator.translation(from: "en", to: "fr")
    let prompt = task.prompt("The cat sat on the mat.")
    // translate English to French: The cat sat on the mat.
    task.options.beamCount = 1
    let greedy = try generator.perform(
      task, ["The cat sat on the mat."])[0].text
    // Le chat était assis sur le tapis.
    #expect(prompt == "translate English to French: The cat sat on the mat.")
    #expect(greedy == "Le chat était assis sur le tapis.")

    let own = TextTask(
      name: "to French", prefix: "translate English to French: ",
      options: generator.options)
    let translation = try generator.perform(
      own, ["The cat sat on the mat."])[0].text
    // Le chat était assis sur le tapis.
    #expect(translation == "Le chat était assis sur le tapis.")
  }

  @Test func `an unsupported request throws an error that names it`() throws {
    var report = ""
    func print(_ text: String) { report = text }
    do {
      _ = try generator.translate("Good morning.", from: "en", to: "de")
    } catch ModelError.unsupported(_, let what, let supported) {
      print("no \(what); there is \(supported.joined(separator: ", "))")
      // no translation from en to de; there is en to fr
    }
    #expect(report == "no translation from en to de; there is en to fr")

    let missing = failureText { try TextGenerator(model: "ORG/NAME") }
    #expect(missing.hasPrefix("model ORG/NAME: no such folder, not in "))
    #expect(
      failureText { try generator.task("question_answering") }
        .contains("unsupported task question_answering (supported: summarization, "))
    var task = generator.summarization()
    task.options.isSampling = true
    task.options.temperature = 0
    #expect(
      failureText { try generator.perform(task, ["Anna sat."]) }
        == "temperature: expected a number above 0, got 0.0")
  }
}
