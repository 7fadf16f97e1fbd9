import AttentionModels
import Testing

@testable import attend

/// The effect of flags on a model's options.
@Suite struct GenerationFlagsTests {
  private func options(
    _ flags: String..., model: GenerationOptions = GenerationOptions()
  ) throws -> GenerationOptions {
    try GenerationFlags.parse(flags).applied(to: model)
  }

  @Test func `the default number of new tokens is 128, unless the model has a length`() throws {
    #expect(try options().maxNewTokens == 128)
    #expect(try options("--max-tokens", "5").maxNewTokens == 5)
    var model = GenerationOptions()
    model.maxLength = 40
    #expect(try options(model: model).maxNewTokens == nil)
    model.maxNewTokens = 30
    #expect(try options(model: model).maxNewTokens == 30)
  }

  @Test func `a maximum below the model's minimum lowers the minimum`() throws {
    var model = GenerationOptions()
    model.minNewTokens = 9
    #expect(try options("--max-tokens", "5", model: model).minNewTokens == 5)
    #expect(try options("--max-tokens", "20", model: model).minNewTokens == 9)
  }

  @Test func `top-k of 0 is no limit`() throws {
    let unlimited = try options("--top-k", "0")
    #expect(unlimited.topK == nil && unlimited.isSampling)
    #expect(try options("--top-k", "7").topK == 7)
    #expect(try options("--temperature", "0", "--top-k", "7").isSampling == false)
  }
}
