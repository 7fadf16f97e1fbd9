import ArgumentParser
import Attention
import AttentionModels

struct AttentionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "attention",
    abstract: "Compute softmax(scale · QKᵀ, masked) V on arrays in .npy files.",
    discussion: """
      Queries, keys and values have the shape [token, head, dimension] and are float32, float64 or \
      float16; results are float32. The number of heads must be a multiple of the number of key-value \
      heads (grouped-query attention). --gradient also computes the gradients of a loss, from its \
      gradient with respect to the output.

      attend attention --queries q.npy --keys k.npy --values v.npy --output o.npy
      attend attention --queries q.npy --keys k.npy --values v.npy --output o.npy \\
        --causal --gradient do.npy --gradient-output gradients
      """)

  /// The input and output arrays.
  struct Arrays: ParsableArguments {
    @Option(help: ArgumentHelp("Read the queries, [query token, head, dk].", valueName: "file"))
    var queries: String
    @Option(
      help: ArgumentHelp("Read the keys, [key token, key-value head, dk].", valueName: "file"))
    var keys: String
    @Option(
      help: ArgumentHelp("Read the values, [key token, key-value head, dv].", valueName: "file"))
    var values: String
    @Option(help: ArgumentHelp("Write the output, [query token, head, dv].", valueName: "file"))
    var output: String
    @Option(
      help: ArgumentHelp(
        "Write the attention weights, [head, query token, key token].", valueName: "file"))
    var weights: String?
    @Option(
      help: ArgumentHelp(
        "Write the log-sum-exp of the scores, log Σ exp(score), [head, query token].",
        valueName: "file"))
    var logSumExp: String?
    @Option(
      help: ArgumentHelp(
        "Read the gradient of a loss with respect to the output, [query token, head, dv].",
        valueName: "file"))
    var gradient: String?
    @Option(
      help: ArgumentHelp(
        """
        Write the gradients of the loss: dq.npy, dk.npy, dv.npy, with --bias dbias.npy, with \
        --sinks dsinks.npy. Replaces or deletes files with these five names from an earlier run.
        """, valueName: "folder"))
    var gradientOutput: String?

    mutating func validate() throws {
      if (gradient == nil) != (gradientOutput == nil) {
        throw ValidationError("--gradient and --gradient-output require each other")
      }
    }

    var queriesFile: TypedPath { TypedPath(flag: "--queries", path: queries) }
    var keysFile: TypedPath { TypedPath(flag: "--keys", path: keys) }
    var valuesFile: TypedPath { TypedPath(flag: "--values", path: values) }
    var gradientFile: TypedPath? { gradient.map { TypedPath(flag: "--gradient", path: $0) } }

    /// The input files.
    var inputs: [TypedPath] {
      [queriesFile, keysFile, valuesFile] + [gradientFile].compactMap(\.self)
    }

    /// The output files except the gradients.
    var results: [(name: String, path: TypedPath?)] {
      [
        ("output", TypedPath(flag: "--output", path: output)),
        ("weights", weights.map { TypedPath(flag: "--weights", path: $0) }),
        ("logSumExp", logSumExp.map { TypedPath(flag: "--log-sum-exp", path: $0) }),
      ]
    }
  }

  @OptionGroup(title: "Arrays") var arrays: Arrays
  @OptionGroup(title: "Scores, masks and sequences") var scores: OperatorOptions
  @OptionGroup(title: "Computing") var compute: ComputeOptions

  func run() throws {
    let inputs = arrays.inputs + scores.files
    for path in inputs { try path.requireReadable() }
    let folder = try gradientFolder()
    let files = try ResultFiles(arrays.results + (folder?.results ?? []))
    try compute.run { try names.naming { try write(to: files) } }

    let used = inputs + arrays.results.compactMap(\.path)
    let stalePaths = folder?.stalePaths(besides: used) ?? []
    try files.commit(deleting: stalePaths)
    folder?.keep()
    for path in stalePaths {
      StandardError.write("\(printable(path, limit: 4096)): deleted (result of an earlier run)")
    }
  }

  /// Computes the results and writes them.
  private func write(to files: ResultFiles) throws {
    var results: AttentionResults = []
    if arrays.weights != nil { results.insert(.weights) }
    if arrays.logSumExp != nil || arrays.gradient != nil { results.insert(.logSumExp) }

    let queries = try arrays.queriesFile.read(Tensor.init(npy:))
    let keys = try arrays.keysFile.read(Tensor.init(npy:))
    let values = try arrays.valuesFile.read(Tensor.init(npy:))
    let options = try scores.options(
      headCount: queries.shape.rank == 3 ? queries.shape[1] : 0)
    let result = try attention(
      queries: queries, keys: keys, values: values, options: options, returning: results)
    try files.write([
      "output": result.output, "weights": result.weights, "logSumExp": result.logSumExp,
    ])
    guard let gradientFile = arrays.gradientFile else { return }
    let gradients = try attentionGradients(
      of: gradientFile.read(Tensor.init(npy:)), queries: queries, keys: keys, values: values,
      options: options, result: result)
    try files.write([
      "dq": gradients.queries, "dk": gradients.keys, "dv": gradients.values,
      "dbias": gradients.bias, "dsinks": gradients.sinks,
    ])
  }

  private func gradientFolder() throws -> GradientFolder? {
    try arrays.gradientOutput.map { folder in
      let names =
        ["dq", "dk", "dv"] + (scores.bias == nil ? [] : ["dbias"])
        + (scores.sinks == nil ? [] : ["dsinks"])
      return try GradientFolder(
        TypedPath(flag: "--gradient-output", path: folder), names: names)
    }
  }

  /// The flags for argument names in the library's errors.
  private var names: ArgumentNames {
    var typed = [
      "queries": "\(arrays.queriesFile)", "keys": "\(arrays.keysFile)",
      "values": "\(arrays.valuesFile)", "threads": "--threads",
    ]
    typed["output gradient"] = arrays.gradientFile?.description
    return ArgumentNames(
      typed.merging(scores.names) { $1 }, mentionedInReasons: ["queries", "keys", "values"])
  }
}
