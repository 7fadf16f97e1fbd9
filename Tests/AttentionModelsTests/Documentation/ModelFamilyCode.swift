import Attention
import AttentionModels
import DemonstrationModels
import TestSupport
import Testing

/// The code of the article "Add a model family" that is not quoted from the library.
struct ModelFamilyCode {
  @Test func `decoding token by token gives the logits of all tokens at once`() throws {
    let generator = try TextGenerator(DemonstrationModel.toyGPT2.directory())
    let model = generator.model
    let ids = try generator.tokenizer.encode("The cat sat on the mat.").ids
    var (state, tokens) = try model.begin(PackedTokens([ids]))
    let atOnce = try model.logits(of: tokens, state: &state, rows: .all)
    // [token 7, id 665]

    var (steps, _) = try model.begin(PackedTokens([ids]))
    let errors = try ids.enumerated().map { row, id in
      let logits = try model.logits(
        of: PackedTokens([[id]]), state: &steps, rows: .last)
      let expected = try atOnce.rows(row..<row + 1)
      return zip(logits.scalars, expected.scalars).map { abs($0 - $1) }.max() ?? 0
    }
    // each less than 1e-4
    #expect(errors.count == 7 && errors.allSatisfy { $0 < 1e-4 })
    #expect(atOnce.shape == [7, 665])
  }
}
