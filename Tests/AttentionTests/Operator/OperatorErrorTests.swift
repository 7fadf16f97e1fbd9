import Attention
import TestSupport
import Testing

/// Invalid arguments: the error contains the name and the sizes.
@Suite struct OperatorErrorTests {
  struct Refusal: Sendable, CustomTestStringConvertible {
    var queries: Shape = [4, 2, 8]
    var keys: Shape = [6, 2, 8]
    var values: Shape = [6, 2, 5]
    var options: @Sendable () throws -> AttentionOptions = { AttentionOptions() }
    var words: [String]
    var testDescription: String { words.joined(separator: ", ") }
  }

  static let refusals: [Refusal] = [
    Refusal(keys: [6, 2, 7], words: ["keys", "head dimension", "8", "[6, 2, 7]"]),
    Refusal(values: [5, 2, 5], words: ["values", "key", "[5, 2, 5]"]),
    Refusal(queries: [4, 3, 8], words: ["keys", "heads", "3"]),
    Refusal(queries: [4, 0, 8], words: ["queries", "head"]),
    Refusal(queries: [4, 2, 0], keys: [6, 2, 0], words: ["queries", "head dimension"]),
    Refusal(keys: [6, 0, 8], values: [6, 0, 5], words: ["keys", "heads"]),
    Refusal(values: [6, 1, 5], words: ["values", "heads"]),
    Refusal(queries: [4, 16], words: ["queries", "[token, head, dimension]", "[4, 16]"]),
    Refusal(
      options: { AttentionOptions(mask: .keeping(try randomMask([4, 5]))) },
      words: ["mask", "[4, 6]", "[4, 5]"]),
    Refusal(
      options: { AttentionOptions(mask: .keeping(try randomMask([3, 4, 6]))) },
      words: ["mask", "[3, 4, 6]", "2 or 1"]),
    Refusal(
      options: { AttentionOptions(mask: .keys([true])) }, words: ["mask", "6", "1"]),
    Refusal(
      options: { AttentionOptions(bias: try Tensor(shape: [4, 7], repeating: 0)) },
      words: ["bias", "[4, 6]", "[4, 7]"]),
    Refusal(
      options: { AttentionOptions(sinks: try Tensor(shape: [3], repeating: 0)) },
      words: ["sinks", "[2]", "[3]"]),
    Refusal(options: { AttentionOptions(softcap: 0) }, words: ["softcap", "0"]),
    Refusal(options: { AttentionOptions(softcap: .nan) }, words: ["softcap", "nan"]),
    Refusal(
      options: { AttentionOptions(mask: .window(left: -1, right: nil)) }, words: ["window", "-1"]),
    Refusal(options: { AttentionOptions(mask: .prefix(-2)) }, words: ["prefix", "-2"]),
    Refusal(
      options: { AttentionOptions(modifiers: [try LinearBias(headCount: 3)]) },
      words: ["slopes", "3", "2"]),
    Refusal(options: { AttentionOptions(scale: .nan) }, words: ["scale", "nan"]),
    Refusal(options: { AttentionOptions(scale: .infinity) }, words: ["scale", "inf"]),
    Refusal(options: { AttentionOptions(lengths: [4]) }, words: ["lengths", "4", "6"]),
    Refusal(
      options: { AttentionOptions(lengths: [1, 2], keyLengths: [3, 3]) },
      words: ["lengths", "3", "4"]),
    Refusal(
      options: { AttentionOptions(lengths: [5, -1], keyLengths: [3, 3]) },
      words: ["lengths", "-1"]),
    Refusal(
      options: { AttentionOptions(lengths: [-1, 5], keyLengths: [3, 3]) },
      words: ["lengths", "-1"]),
    Refusal(
      options: { AttentionOptions(lengths: [4], keyLengths: [3, 3]) },
      words: ["keyLengths", "1", "2"]),
    Refusal(
      options: { AttentionOptions(lengths: [4, .max], keyLengths: [6, 0]) },
      words: ["lengths", "4"]),
    Refusal(options: { AttentionOptions(keyLengths: [6]) }, words: ["keyLengths", "lengths"]),
  ]

  @Test(arguments: refusals)
  func `a wrong argument is named in the error`(refusal: Refusal) throws {
    let queries = try Tensor(shape: refusal.queries, repeating: 0)
    let keys = try Tensor(shape: refusal.keys, repeating: 0)
    let values = try Tensor(shape: refusal.values, repeating: 0)
    let error = #expect(throws: AttentionError.self) {
      try attention(
        queries: queries, keys: keys, values: values, options: refusal.options())
    }
    for word in refusal.words {
      #expect("\(String(describing: error))".contains(word), "\(String(describing: error))")
    }
  }

  @Test(arguments: [0, -1]) func `a thread count below one is rejected`(threads: Int) {
    let error = #expect(throws: AttentionError.self) { try withCompute(threads: threads) {} }
    #expect("\(String(describing: error))".contains("threads"))
  }
}
