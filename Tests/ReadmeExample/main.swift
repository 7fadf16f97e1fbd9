import AttentionModels
import DemonstrationModels
import Foundation

let generator = try TextGenerator(DemonstrationModel.toyT5.directory())
let french = try generator.translate(
  "The cat sat on the mat.", from: "en", to: "fr")
print(french.text)  // Le chat était assis sur le tapis.

let answer = try generator.answer(
  "Where does Anna live?", context: "Anna is a teacher. She lives in a small house.")
print(answer.text)  // in a small house

let teller = try TextGenerator(DemonstrationModel.toyGPT2.directory())
for try await piece in teller.stream("Once upon a time") {  // " there", " was", " a", …
  print(piece.text, terminator: "")
  fflush(nil)  // shows the piece now: `print` alone waits for the end of the line
}
print()
