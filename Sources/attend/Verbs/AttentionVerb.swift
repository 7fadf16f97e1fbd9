import ArgumentParser
import Attention
import Foundation

struct AttentionVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "attention",
    abstract: "Compute softmax(scale · QKᵀ, masked) V on arrays in .npy files.",
    discussion: """
      Queries, keys and values are [token, head, dimension] of float32, float64 or float16; the \
      results are float32. With --gradient, the derivatives of a loss by the arguments are computed \
      from its derivative by the output.

      attend attention --queries q.npy --keys k.npy --values v.npy --output o.npy
      """)

  /// The arrays that are read and written.
  struct Arrays: ParsableArguments {
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
    @Option(
      help: ArgumentHelp(
        "Read: a loss's derivative by the output, [query token, head, dv].", valueName: "file"))
    var gradient: String?
    @Option(
      help: ArgumentHelp(
        """
        Written: its derivatives, dq.npy, dk.npy and dv.npy; dbias.npy and dsinks.npy where there \
        are a bias and sinks.
        """, valueName: "folder"))
    var gradientOutput: String?

    /// The files that are read.
    var inputs: [String] { [queries, keys, values] + [gradient].compactMap(\.self) }

    mutating func validate() throws {
      if (gradient == nil) != (gradientOutput == nil) {
        throw ValidationError("--gradient and --gradient-output belong together")
      }
    }
  }

  @OptionGroup(title: "Arrays") var arrays: Arrays
  @OptionGroup(title: "Scores, masks and sequences") var scores: OperatorOptions
  @OptionGroup(title: "Computing") var compute: ComputeOptions

  func run() throws {
    for path in arrays.inputs + scores.inputs {
      try requireReadable(path)
    }
    let files = try ResultFiles(
      [("output", arrays.output), ("weights", arrays.weights), ("logSumExp", arrays.logSumExp)]
        + gradientPaths())

    var results: AttentionResults = []
    if arrays.weights != nil { results.insert(.weights) }
    if arrays.logSumExp != nil || arrays.gradient != nil { results.insert(.logSumExp) }

    try compute.run {
      let (q, k, v) = (
        try Tensor(npy: arrays.queries), try Tensor(npy: arrays.keys),
        try Tensor(npy: arrays.values)
      )
      let options = try scores.options(headCount: q.shape.rank == 3 ? q.shape[1] : 0)
      let result = try attention(
        queries: q, keys: k, values: v, options: options, returning: results)
      try files.write([
        "output": result.output, "weights": result.weights, "logSumExp": result.logSumExp,
      ])
      if let gradient = arrays.gradient {
        let gradients = try attentionGradients(
          of: Tensor(npy: gradient), queries: q, keys: k, values: v, options: options,
          result: result)
        try files.write([
          "dq": gradients.queries, "dk": gradients.keys, "dv": gradients.values,
          "dbias": gradients.bias, "dsinks": gradients.sinks,
        ])
      }
    }
    try files.commit()
  }

  /// The gradients that will be written, in the folder for them, which is made if need be.
  private func gradientPaths() throws -> [(name: String, path: String?)] {
    guard let folder = arrays.gradientOutput else { return [] }
    // Made here so that a folder which cannot be is refused before any work; one that stands is kept.
    try? FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: false)
    let names =
      ["dq", "dk", "dv"] + (scores.bias == nil ? [] : ["dbias"])
      + (scores.sinks == nil ? [] : ["dsinks"])
    return names.map { ($0, "\(folder)/\($0).npy") }
  }
}
