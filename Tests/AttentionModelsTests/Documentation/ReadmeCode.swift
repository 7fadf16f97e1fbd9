import AttentionModels
import Testing

/// The code of "Text in, text out" in the README, and what it prints.
struct ReadmeCode {
  @Test func `a text is translated, a question answered, a story told`() async throws {
    var printed: [String] = []
    func print(_ text: String, terminator: String = "\n") { printed.append(text + terminator) }

    let generator = try TextGenerator(model: "toy-t5")
    let french = try generator.translate(["The cat sat on the mat."], from: "en", to: "fr")
    print(french[0].text)  // Le chat était assis sur le tapis.

    let answers = try generator.answer(
      ["Where does Anna live?"], context: "Anna is a teacher. She lives in a small house.")
    print(answers[0].text)  // in a small house

    let teller = try TextGenerator(model: "toy-gpt2")
    for try await piece in teller.stream("Once upon a time") {  // " there", " was", " a", …
      print(piece.text, terminator: "")
    }
    #expect(printed[..<2] == ["Le chat était assis sur le tapis.\n", "in a small house\n"])
    #expect(printed[2..<5] == [" there", " was", " a"])
    #expect(printed[2...].joined().hasSuffix(" grey apple. He was very happy."))
  }
}
