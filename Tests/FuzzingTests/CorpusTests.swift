import Fuzzing
import TestSupport
import Testing

/// The inputs of the fuzzer, with the functions that the fuzzer runs.
@Suite struct CorpusTests {
  @Test(.hangLimit, arguments: FuzzTarget.allCases)
  func `each input is accepted or refused, as its name says`(target: FuzzTarget) throws {
    let session = try FuzzSession(target)
    let inputs = try Corpora.inputs(of: target)
    #expect(inputs.count >= 5)
    for (name, bytes) in inputs {
      switch try session.run(bytes) {
      case .accepted(let result):
        #expect(name.hasPrefix("accepted-"), "\(target.rawValue)/\(name): \(result)")
      case .refused(let reason):
        #expect(name.hasPrefix("refused-"), "\(target.rawValue)/\(name): \(reason)")
      }
    }
  }

  @Test func `the models of the configurations run`() throws {
    let session = try FuzzSession(.configuration)
    let encoders = [
      "bert", "roberta", "xlm-roberta", "camembert", "distilbert", "mpnet", "electra",
      "albert-groups", "roberta-several",
    ]
    let heads = ["bert", "roberta", "xlm-roberta", "distilbert", "mpnet", "electra", "albert"]
      .flatMap { family in ["sequence", "tokens", "answers", "masked"].map { "\(family)-\($0)" } }
    let languageModels = [
      "gpt2", "llama", "mistral", "qwen2", "qwen3", "gemma2", "t5", "mt5", "umt5", "bart",
      "m2m_100", "marian", "mbart", "pegasus",
    ]
    for name in encoders + heads + languageModels {
      let input = try Corpora.input("accepted-\(name)", of: .configuration)
      guard case .accepted(let result) = try session.run(input) else {
        Issue.record("\(name) is refused")
        continue
      }
      #expect(result.hasSuffix("\"runs\": true}"), "\(name): \(result)")
    }
  }
}
