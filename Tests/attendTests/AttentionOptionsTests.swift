import Attention
import Foundation
import TestSupport
import Testing

/// Every flag of `attend attention` against the library's own option.
@Suite struct AttentionOptionsTests {
  private let directory: TemporaryDirectory
  private let q: Tensor
  private let k: Tensor
  private let v: Tensor
  private let bias: Tensor
  private let sinks: Tensor
  private let outputGradient: Tensor

  init() throws {
    directory = try TemporaryDirectory()
    var generator = SeededGenerator(seed: 4)
    q = try generator.normalTensor([6, 4, 3])
    k = try generator.normalTensor([8, 2, 3])
    v = try generator.normalTensor([8, 2, 5])
    bias = try generator.normalTensor([4, 6, 8])
    sinks = try generator.normalTensor([4])
    outputGradient = try generator.normalTensor([6, 4, 5])
    for (name, tensor) in [
      ("q", q), ("k", k), ("v", v), ("bias", bias), ("sinks", sinks), ("do", outputGradient),
    ] { try tensor.writeNPY(to: directory.path("\(name).npy")) }
  }

  struct Flag: Sendable, CustomTestStringConvertible {
    let arguments: [String]
    let options: @Sendable (AttentionOptionsTests) -> AttentionOptions
    var testDescription: String { arguments.joined(separator: " ") }
  }

  static let flags: [Flag] = [
    Flag(arguments: ["--softcap", "0.5"]) { _ in AttentionOptions(softCap: 0.5) },
    Flag(arguments: ["--alibi"]) { _ in
      AttentionOptions(modifiers: [LinearBias(headCount: 4)])
    },
    Flag(arguments: ["--alibi", "--causal-alignment", "top-left"]) { _ in
      AttentionOptions(modifiers: [LinearBias(headCount: 4, alignment: .topLeft)])
    },
    Flag(arguments: ["--bias", "bias.npy"]) { AttentionOptions(bias: $0.bias) },
    Flag(arguments: ["--sinks", "sinks.npy"]) { AttentionOptions(sinks: $0.sinks) },
    Flag(arguments: ["--window", "2,1"]) { _ in
      AttentionOptions(mask: .window(left: 2, right: 1))
    },
    Flag(arguments: ["--window", "-1,0"]) { _ in
      AttentionOptions(mask: .window(left: nil, right: 0))
    },
    Flag(arguments: ["--prefix", "5", "--causal-alignment", "top-left"]) { _ in
      AttentionOptions(mask: .prefix(5, alignment: .topLeft))
    },
    Flag(arguments: [
      "--lengths", "2,4", "--key-lengths", "5,3", "--causal", "--scale", "-0.3", "--softcap", "2",
      "--bias", "bias.npy", "--sinks", "sinks.npy",
    ]) {
      AttentionOptions(
        scale: -0.3, softCap: 2, bias: $0.bias, mask: .causal, sinks: $0.sinks, lengths: [2, 4],
        keyLengths: [5, 3])
    },
  ]

  @Test(arguments: flags)
  func `A flag does what the option of its name does`(flag: Flag) throws {
    let files = ["queries": "q", "keys": "k", "values": "v", "output": "o", "log-sum-exp": "l"]
      .flatMap { ["--\($0)", directory.path("\($1).npy")] }
    let gradient = [
      "--gradient", directory.path("do.npy"), "--gradient-output", directory.path("gradients"),
    ]
    let arguments = flag.arguments.map { $0.hasSuffix(".npy") ? directory.path($0) : $0 }
    let run = try attend(["attention"] + files + gradient + arguments)
    #expect(run.status == 0, "\(run)")

    let options = flag.options(self)
    let result = try attention(
      queries: q, keys: k, values: v, options: options, returning: .logSumExp)
    let gradients = try attentionGradients(
      of: outputGradient, queries: q, keys: k, values: v, options: options, result: result)
    #expect(try Tensor(npy: directory.path("o.npy")) == result.output)
    #expect(try Tensor(npy: directory.path("l.npy")) == result.logSumExp)
    for (name, gradient) in [
      ("dq", gradients.queries), ("dk", gradients.keys), ("dv", gradients.values),
      ("dbias", gradients.bias), ("dsinks", gradients.sinks),
    ] as [(String, Tensor?)] {
      let path = directory.path("gradients/\(name).npy")
      guard let gradient else {
        #expect(!FileManager.default.fileExists(atPath: path))
        continue
      }
      #expect(try Tensor(npy: path) == gradient, "\(name)")
    }
  }

  @Test(arguments: [
    ["--window", "3"], ["--window", "-2,0"], ["--window", "a,b"], ["--prefix", "x"],
    ["--gradient", "do.npy"], ["--gradient-output", "there"],
  ])
  func `A flag that makes no sense is refused with exit status 2`(arguments: [String]) throws {
    let files = ["queries": "q", "keys": "k", "values": "v", "output": "o"]
      .flatMap { ["--\($0)", directory.path("\($1).npy")] }
    let run = try attend(["attention"] + files + arguments)
    #expect(run.status == 2, "\(run)")
    #expect(run.error.contains(arguments[0]) && run.error.contains("Usage"), "\(run)")
    #expect(!FileManager.default.fileExists(atPath: directory.path("o.npy")))
  }
}
