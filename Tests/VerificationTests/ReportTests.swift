import Foundation
import TestSupport
import Testing

@testable import Verification

/// What `attend verify` prints.
@Suite struct ReportTests {
  private func row(_ check: String, _ subject: String, error: Double) -> Verification.Row {
    var row = Verification.Row(check: check, subject: subject)
    for seed in 1...12 {
      row.add("\(seed)", Measurement(input: "a · b", error: error, bound: 1e-6))
    }
    return row
  }

  @Test func `no line above the verdict is wider than 80 columns`() {
    let report = VerificationReport(
      environment: .current(version: "0.1.0"),
      rows: [
        row("gradients", "native-avx512-vnni-bf16", error: 9.9e-7),
        row("gradients", "openblas", error: 9.9e-7),
      ], seconds: 59)
    for line in report.lines { #expect(line.count <= 80, "\(line)") }
    #expect(report.lines.last == "All 24 cases are within their bounds (59 s).")
    #expect(report.lines.contains { $0.contains("native-avx512-vnni-bf16") && $0.contains("99 %") })
  }

  @Test func `at most ten failures of a row have a line`() {
    let report = VerificationReport(
      environment: .current(version: "1"), rows: [row("gemm", "openblas", error: 1)], seconds: 1,
      command: .case(options: " --model 'my model'"))
    let commands = report.lines.filter {
      $0.hasPrefix("attend verify --model 'my model' --case gemm/openblas/")
    }
    #expect(commands.count == 10)
    #expect(report.lines.contains("# and 2 more of gemm/openblas"))
    #expect(report.lines.last == "12 of 12 cases are out of bounds (1 s).")
  }

  @Test func `the names of cases are read from lists, texts and JSON`() {
    #expect(
      VerificationCaseList(Array("# mine\ngemm/openblas/1\n\nlinear/portable/2 x\n".utf8)).ids
        == ["gemm/openblas/1", "linear/portable/2"])
    let text = "All\nattend verify --case gemm/openblas/3  # [1, 2]: error 1\nx"
    #expect(VerificationCaseList(Array(text.utf8)).ids == ["gemm/openblas/3"])
    let json = #"{"rows": [{"failures": [{"case": "gemm/openblas/4"}]}, {"failures": []}]}"#
    let list = VerificationCaseList(Array(json.utf8))
    #expect(list.ids == ["gemm/openblas/4"] && list.isReport)
  }

  @Test func `the environment has every fact of a bug report`() {
    let environment = VerificationEnvironment.current(version: "9.8.7")
    let text = environment.lines.joined(separator: "\n")
    for part in ["attend", "9.8.7", "processor", "thread", "kernels", "OpenBLAS", "core ", "sgemm"]
    {
      #expect(text.contains(part), "\(part)")
    }
    for key in [
      "version", "checkout", "system", "processor", "threads", "instruction_sets", "kernels",
      "openblas", "openblas_core", "openblas_failure", "sgemm_plan", "variables",
    ] { #expect(environment.json.contains("\"\(key)\": "), "\(key)") }
  }

  @Test func `the commit of a repository is read from its files`() throws {
    let directory = try TemporaryDirectory()
    let commit = String(repeating: "0123456789", count: 4)
    try directory.write("ref: refs/heads/main\n".utf8, to: "a/.git/HEAD")
    try directory.write("\(commit)\n".utf8, to: "a/.git/refs/heads/main")
    #expect(Checkout.commit(inRepository: directory.path("a")) == commit)
    try directory.write("# pack-refs\n\(commit) refs/heads/main\n".utf8, to: "b/.git/packed-refs")
    try directory.write("ref: refs/heads/main\n".utf8, to: "b/.git/HEAD")
    #expect(Checkout.commit(inRepository: directory.path("b")) == commit)
    try directory.write("\(commit)\n".utf8, to: "c/.git/HEAD")
    #expect(Checkout.commit(inRepository: directory.path("c")) == commit)
    // A worktree.
    let folder = directory.path("a/.git/worktrees/w")
    try directory.write("ref: refs/heads/main\n".utf8, to: "a/.git/worktrees/w/HEAD")
    try directory.write("../..\n".utf8, to: "a/.git/worktrees/w/commondir")
    try directory.write("gitdir: \(folder)\n".utf8, to: "w/.git")
    #expect(Checkout.commit(inRepository: directory.path("w")) == commit)
    #expect(Checkout.commit(inRepository: directory.path("nowhere")) == nil)
  }

  @Test(arguments: [
    ("a/b-1.npy", "a/b-1.npy"), ("a b", "'a b'"), ("it's", #"'it'\''s'"#), ("", "''"),
  ])
  func `a text becomes one word of a shell`(text: String, word: String) {
    #expect(shellWord(text) == word)
  }
}
