import AttentionCore
import Testing

@Suite struct ModelErrorTests {
  @Test func `an error names its file first`() {
    let error = ModelError.configuration(path: "/m/config.json", reason: "nesting")
    #expect("\(error)" == "/m/config.json: nesting")
  }
}
