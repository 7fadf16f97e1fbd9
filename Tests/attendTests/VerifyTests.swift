import Testing

@Suite struct VerifyTests {
  @Test func `verify prints the machine, a row for each check and backend, and a verdict`() throws {
    let run = try attend(
      "verify", "--cases", "2", "--checks", "gemm,operator", "--backends", "openblas,portable")
    #expect(run.status == 0 && run.error.isEmpty, "\(run)")
    let lines = run.outputLines
    #expect(lines[0].hasPrefix("attend ") && lines[1].contains("OpenBLAS"))
    for check in ["gemm", "operator"] {
      for backend in ["openblas", "portable"] {
        let row = lines.first { $0.hasPrefix("  \(check)") && $0.contains(" \(backend) ") }
        #expect(row?.hasSuffix("passed") == true, "\(run)")
      }
    }
    #expect(lines.last?.hasPrefix("All 8 cases are within their bounds (") == true, "\(run)")
  }

  @Test func `verify --format json prints one object`() throws {
    let run = try attend("verify", "--cases", "1", "--checks", "bits", "--format", "json")
    #expect(run.status == 0)
    #expect(run.output.hasPrefix("{\"machine\": {") && run.output.contains("\"failed\": 0"))
  }

  @Test func `verify --case computes one case`() throws {
    let run = try attend("verify", "--case", "linear/openblas/17")
    #expect(run.status == 0)
    #expect(run.outputLines.count == 1)
    #expect(run.output.hasPrefix("linear/openblas/17: [") && run.output.hasSuffix("passed\n"))
  }

  @Test func `unknown checks, backends and cases are refused by name`() throws {
    for (arguments, part) in [
      (["--checks", "gemm,tea"], "--checks: unknown name 'tea'; expected one of gemm, linear"),
      (["--checks", ""], "--checks: unknown name ''"),
      (["--backends", "reference"], "--backends: unknown name 'reference'"),
      (
        ["--case", "gemm/openblas"], "--case: no case 'gemm/openblas'; expected CHECK/BACKEND/SEED"
      ),
      (["--cases", "0"], "--cases: expected at least 1, got 0"),
    ] {
      let run = try attend(["verify"] + arguments)
      #expect(run.status == 2 && run.output.isEmpty && run.error.contains(part), "\(run)")
    }
  }
}
