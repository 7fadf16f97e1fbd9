import ArgumentParser
import Attention

struct AttentionVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "attention",
    abstract: "Compute softmax(scale · QKᵀ, masked) V on arrays in .npy files.",
    discussion: """
      Queries, keys and values are [token, head, dimension] of float32, float64 or float16; the \
      results are float32.

      attend attention --queries q.npy --keys k.npy --values v.npy --output o.npy
      """)

  @Option(help: ArgumentHelp("Read: [query token, head, dk].", valueName: "file"))
  var queries: String
  @Option(help: ArgumentHelp("Read: [key token, key-value head, dk].", valueName: "file"))
  var keys: String
  @Option(help: ArgumentHelp("Read: [key token, key-value head, dv].", valueName: "file"))
  var values: String
  @Option(help: ArgumentHelp("Written: [query token, head, dv].", valueName: "file"))
  var output: String
  @Option(
    help: ArgumentHelp(
      "Written: the attention weights, [head, query token, key token].", valueName: "file"))
  var weights: String?
  @Option(
    help: ArgumentHelp(
      "Written: the log of each softmax's denominator, log Σ exp(score), [head, query token].",
      valueName: "file"))
  var logSumExp: String?

  @Flag(help: "Query i attends to the keys up to its own position.")
  var causal = false
  @Option(
    help: ArgumentHelp(
      """
      For --causal with other counts of queries and keys: bottom-right lets the last query see \
      the last key, top-left the first query the first key.
      """, valueName: "corner"))
  var causalAlignment: AttentionMask.Alignment = .bottomRight
  @Option(
    help: ArgumentHelp(
      "Read: bool [query, key] or [head or 1, query, key]; true lets the query attend.",
      valueName: "file"))
  var mask: String?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The factor on QKᵀ. (default: 1/√dk)", valueName: "number"))
  var scale: Float?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Lengths of sequences that lie end to end; none attends to another.",
      valueName: "3,5,9"),
    transform: integers)
  var lengths: [Int]?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Lengths of the sequences of keys. (default: as --lengths)", valueName: "3,5,9"),
    transform: integers)
  var keyLengths: [Int]?

  @OptionGroup var compute: ComputeOptions

  func run() throws {
    for path in [queries, keys, values] + [mask].compactMap(\.self) { try requireReadable(path) }
    let outputs = [output] + [weights, logSumExp].compactMap(\.self)
    try requireDistinct(outputs)
    let outputFile = try openOutput(output)
    let weightsFile = try weights.map(openOutput)
    let logSumExpFile = try logSumExp.map(openOutput)

    var options = AttentionOptions(scale: scale, lengths: lengths, keyLengths: keyLengths)
    if causal { options.mask = .causal(alignment: causalAlignment) }
    if let mask {
      options.mask = options.mask.intersection(.keeping(try BooleanTensor(npy: mask)))
    }
    var results: AttentionResults = []
    if weights != nil { results.insert(.weights) }
    if logSumExp != nil { results.insert(.logSumExp) }

    let result = try compute.run {
      try attention(
        queries: Tensor(npy: queries), keys: Tensor(npy: keys), values: Tensor(npy: values),
        options: options, returning: results)
    }
    // All are written before any is given its name.
    let files = [
      (outputFile, result.output), (weightsFile, result.weights), (logSumExpFile, result.logSumExp),
    ]
    for case (let file?, let tensor?) in files { try tensor.writeNPY(to: file.write) }
    for case (let file?, _?) in files { try file.commit() }
  }
}

/// The integers in `3,5,9`.
@Sendable private func integers(_ text: String) throws -> [Int] {
  try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
    guard let integer = Int(part.trimmingPrefix(" ")) else {
      throw ValidationError("lengths: expected integers with commas between them, got '\(text)'")
    }
    return integer
  }
}

extension AttentionMask.Alignment: ExpressibleByArgument {}
