import Attention
import Foundation
import TestSupport
import Testing

/// Compares each flag of `attend attention` with the library's option.
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
    let options: @Sendable (AttentionOptionsTests) throws -> AttentionOptions
    var testDescription: String { arguments.joined(separator: " ") }
  }

  static let flags: [Flag] = [
    Flag(arguments: ["--softcap", "0.5"]) { _ in AttentionOptions(softcap: 0.5) },
    Flag(arguments: ["--alibi"]) { _ in
      AttentionOptions(modifiers: [try LinearBias(headCount: 4)])
    },
    Flag(arguments: ["--alibi", "--causal-alignment", "top-left"]) { _ in
      AttentionOptions(modifiers: [try LinearBias(headCount: 4, alignment: .topLeft)])
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
        scale: -0.3, softcap: 2, bias: $0.bias, mask: .causal, sinks: $0.sinks, lengths: [2, 4],
        keyLengths: [5, 3])
    },
  ]

  @Test(arguments: flags)
  func `A flag has the effect of the library's option`(flag: Flag) throws {
    let files = ["queries": "q", "keys": "k", "values": "v", "output": "o", "log-sum-exp": "l"]
      .flatMap { ["--\($0)", directory.path("\($1).npy")] }
    let gradient = [
      "--gradient", directory.path("do.npy"), "--gradient-output", directory.path("gradients"),
    ]
    let arguments = flag.arguments.map { $0.hasSuffix(".npy") ? directory.path($0) : $0 }
    let run = try attend(["attention"] + files + gradient + arguments)
    #expect(run.status == 0, "\(run)")

    let options = try flag.options(self)
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

  // MARK: - The folder of gradients

  private func differentiate(
    into folder: String = "gradients", _ arguments: String...
  ) throws -> AttendRun {
    let files = ["queries": "q", "keys": "k", "values": "v", "output": "o", "gradient": "do"]
      .flatMap { ["--\($0)", directory.path("\($1).npy")] }
    return try attend(
      ["attention"] + files + ["--gradient-output", directory.path(folder)] + arguments)
  }

  private func names(in folder: String = "gradients") throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: directory.path(folder)).sorted()
  }

  @Test func `Gradients of an earlier run are deleted, and nothing else`() throws {
    let first = try differentiate(
      "--bias", directory.path("bias.npy"), "--sinks", directory.path("sinks.npy"))
    #expect(first.status == 0 && first.error.isEmpty, "\(first)")
    #expect(try names() == ["dbias.npy", "dk.npy", "dq.npy", "dsinks.npy", "dv.npy"])
    let others = ["bias.npy", "dbias.txt", "dx.npy", "notes.txt"]
    for name in others { try directory.write("mine".utf8, to: "gradients/\(name)") }

    let second = try differentiate("--bias", directory.path("bias.npy"))
    #expect(second.status == 0, "\(second)")
    #expect(second.error.split(separator: "\n").count == 1, "\(second)")
    for word in [directory.path("gradients/dsinks.npy"), "deleted"] {
      #expect(second.error.contains(word), "\(second)")
    }
    #expect(try names() == (["dbias.npy", "dk.npy", "dq.npy", "dv.npy"] + others).sorted())
    #expect(try differentiate().status == 0)
    #expect(try names() == (["dk.npy", "dq.npy", "dv.npy"] + others).sorted())
    // No stale file is left.
    #expect(try differentiate().error.isEmpty)
  }

  @Test func `A file that this run reads or writes is not deleted as a stale gradient`() throws {
    let weights = directory.path("gradients/dbias.npy")
    let mask = try directory.makeDirectory("gradients") + "/dsinks.npy"
    try writeOpenMask(to: mask)
    let run = try differentiate("--weights", weights, "--mask", mask)
    #expect(run.status == 0 && run.error.isEmpty, "\(run)")
    #expect(try names() == ["dbias.npy", "dk.npy", "dq.npy", "dsinks.npy", "dv.npy"])
    #expect(try Tensor(npy: weights).shape == [4, 6, 8])
  }

  /// Writes a mask that is true everywhere.
  private func writeOpenMask(to path: String) throws {
    try NPYArray(shape: [6, 8], elements: .bool(Array(repeating: true, count: 48))).write(to: path)
  }

  @Test func `A folder named like a gradient and the target of a link are kept`() throws {
    try directory.makeDirectory("gradients/dbias.npy")
    let kept = try directory.write("mine".utf8, to: "kept.npy")
    try directory.link("gradients/dsinks.npy", to: kept)
    let run = try differentiate()
    #expect(run.status == 0, "\(run)")
    #expect(try names() == ["dbias.npy", "dk.npy", "dq.npy", "dv.npy"])
    #expect(try bytes(ofFile: kept) == Array("mine".utf8))
  }

  @Test func `A failure keeps all gradients of the earlier run`() throws {
    #expect(try differentiate("--sinks", directory.path("sinks.npy")).status == 0)
    let before = try names().map { try bytes(ofFile: directory.path("gradients/\($0)")) }
    let output = try bytes(ofFile: directory.path("o.npy"))
    let run = try differentiate("--bias", directory.path("q.npy"))
    #expect(run.status == 1 && run.error.contains("--bias"), "\(run)")
    #expect(try names() == ["dk.npy", "dq.npy", "dsinks.npy", "dv.npy"])
    #expect(try names().map { try bytes(ofFile: directory.path("gradients/\($0)")) } == before)
    #expect(try bytes(ofFile: directory.path("o.npy")) == output)
  }

  @Test func `A folder that a failed run created is removed`() throws {
    let run = try differentiate(into: "new", "--bias", directory.path("q.npy"))
    #expect(run.status == 1, "\(run)")
    #expect(try !directory.contents.contains("new"))
    for (folder, reason) in [("none/new", "No such file"), ("q.npy", "not a directory")] {
      let refused = try differentiate(into: folder)
      #expect(refused.status == 2, "\(refused)")
      #expect(refused.error.contains("--gradient-output \(directory.path(folder))"), "\(refused)")
      #expect(refused.error.contains(reason), "\(refused)")
    }
  }

  @Test(arguments: [
    ["--window", "3"], ["--window", "-2,0"], ["--window", "a,b"], ["--prefix", "x"],
    ["--gradient", "do.npy"], ["--gradient-output", "there"],
  ])
  func `An invalid flag is a usage error`(arguments: [String]) throws {
    let files = ["queries": "q", "keys": "k", "values": "v", "output": "o"]
      .flatMap { ["--\($0)", directory.path("\($1).npy")] }
    let run = try attend(["attention"] + files + arguments)
    #expect(run.status == 2, "\(run)")
    #expect(run.error.contains(arguments[0]) && run.error.contains("Usage"), "\(run)")
    #expect(!FileManager.default.fileExists(atPath: directory.path("o.npy")))
  }
}
