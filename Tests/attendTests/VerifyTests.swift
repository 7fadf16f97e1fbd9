import Attention
import Foundation
import TestSupport
import Testing

@Suite struct VerifyTests {
  @Test func `verify prints the machine, a row for each check and backend, and a verdict`() throws {
    let run = try attend(
      "verify", "--cases", "2", "--checks", "gemm,operator", "--backends", "openblas,portable")
    #expect(run.status == 0 && run.error.isEmpty, "\(run)")
    let lines = run.outputLines
    #expect(lines[0].hasPrefix("attend ") && run.output.contains("\nOpenBLAS "))
    for (check, backend, start) in [
      ("gemm", "openblas", "  gemm "), ("gemm", "portable", "    "),
      ("operator", "openblas", "  operator "), ("operator", "portable", "    "),
    ] {
      let row = lines.first { $0.hasPrefix(start) && $0.contains(" \(backend) ") }
      #expect(row?.hasSuffix("passed") == true, "\(check), \(backend): \(run)")
    }
    #expect(lines.last?.hasPrefix("All 8 cases are within their bounds (") == true, "\(run)")
    for line in lines { #expect(line.count <= 80, "\(line)") }
  }

  @Test func `verify --format json prints one object`() throws {
    let run = try attend("verify", "--cases", "1", "--checks", "bits", "--format", "json")
    #expect(run.status == 0)
    let report = try jsonObject(run.output)
    #expect(report["failed"] as? Int == 0)
    let environment = report["environment"] as? [String: Any]
    #expect(environment?["openblas_core"] is String && environment?["instruction_sets"] is [Any])
  }

  @Test func `verify --case computes one case, and the cases of a file`() throws {
    let run = try attend("verify", "--case", "linear/openblas/17")
    #expect(run.status == 0)
    #expect(run.outputLines.count == 1)
    #expect(run.output.hasPrefix("linear/openblas/17: [") && run.output.hasSuffix("passed\n"))

    let directory = try TemporaryDirectory()
    let list = try directory.write(
      "attend verify --case gemm/portable/3  # text\nattend verify --case bits/portable/4  # text\n"
        .utf8, to: "cases.txt")
    let several = try attend("verify", "--case", list)
    #expect(several.status == 0, "\(several)")
    #expect(several.outputLines.last?.hasPrefix("All 2 cases are within") == true)
  }

  @Test func `verify --model checks the hidden states of an encoder`() throws {
    let directory = try TemporaryDirectory()
    let model = try TinyModel.write(to: directory)
    let run = try attend("verify", "--checks", "model", "--model", model, "--backends", "portable")
    #expect(run.status == 0, "\(run)")
    #expect(run.outputLines.last?.hasPrefix("All 6 cases") == true)
    let one = try attend("verify", "--model", model, "--case", "model/portable/2")
    #expect(one.status == 0 && one.output.contains("hidden states of '"), "\(one)")
  }

  @Test func `verify --cores names every core that this processor can run`() throws {
    let run = try attend("verify", "--cores", "--cases", "1")
    #expect(run.status == 0, "\(run)")
    #expect(run.output.contains("  core "))
    #if arch(x86_64)
      #expect(run.outputLines.contains { $0.hasPrefix("  Prescott ") }, "\(run)")
    #endif
    #expect(run.outputLines.last?.contains("within their bounds") == true)
  }

  @Test func `verify --against finds a wrong array`() throws {
    let directory = try TemporaryDirectory()
    let x = try Tensor(shape: [2, 1, 1], scalars: [1, 2])
    for name in ["queries", "keys", "values"] {
      try x.writeNPY(to: directory.makeDirectory("case") + "/\(name).npy")
    }
    try directory.write(
      #"{"operation": "attention", "causal": "top-left"}"#.utf8, to: "case/case.json")
    let weight = 1 / (1 + exp(2.0))
    for (numbers, status) in [([1, 2 - weight], 0), ([1, 2.0001 - weight], 1)]
      as [([Double], Int32)]
    {
      try NPYArray(shape: [2, 1, 1], elements: .float64(numbers))
        .write(to: directory.path("case/output.npy"))
      let run = try attend(
        "verify", "--against", directory.path("case"), "--backends", "portable,reference")
      #expect(run.status == status, "\(run)")
      if status == 1 {
        let command = run.outputLines.first { $0.hasPrefix("attend verify --against ") } ?? ""
        let words = command.split(separator: " ").prefix { $0 != "#" }.dropFirst().map(String.init)
        #expect(try attend(words).status == 1, "\(command)")
      }
    }
  }

  @Test func `an interrupt ends verify with status 130 and removes its files`() throws {
    let directory = try TemporaryDirectory()
    let process = try AttendProcess(
      attendPath, ["verify", "--checks", "models", "--cases", "100000"],
      environment: ["TMPDIR": directory.path])
    let deadline = ContinuousClock.now + .seconds(30)
    func files() throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: directory.path)
        .filter { $0.hasPrefix("attend-verify") }
    }
    while try files().isEmpty, process.isRunning, ContinuousClock.now < deadline { usleep(1_000) }
    kill(process.processIdentifier, SIGINT)
    let run = try process.finished()
    #expect(run.status == 130 && run.output.isEmpty, "\(run)")
    #expect(try files().isEmpty)
  }

  @Test func `unknown checks, backends and cases are refused by name`() throws {
    for (arguments, part) in [
      (["--checks", "gemm,tea"], "--checks: unknown name 'tea'; expected one of gemm, panels"),
      (["--checks", ""], "--checks: unknown name ''"),
      (["--backends", "tea"], "--backends: unknown name 'tea'"),
      (
        ["--case", "gemm/openblas"], "--case: no case and no file 'gemm/openblas'; expected a file"
      ),
      (["--cases", "0"], "--cases: expected at least 1, got 0"),
      (["--thorough", "--cases", "3"], "--thorough and --cases exclude each other"),
      (["--cores", "--against", "x"], "--cores and --against exclude each other"),
      (["--cores", "--checks", "gemm"], "--cores and --against exclude"),
      (["--checks", "model"], "--checks: unknown name 'model'"),
    ] {
      let run = try attend(["verify"] + arguments)
      #expect(run.status == 2 && run.output.isEmpty && run.error.contains(part), "\(run)")
    }
    #expect(try attend("verify", "--model", "nowhere/at-all").status == 2)
    #expect(try attend("verify", "--against", "/nowhere").error.contains("/nowhere"))
  }
}
