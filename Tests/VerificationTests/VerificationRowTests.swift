import Attention
import Testing

@testable import Verification

/// What a run of checks counts and keeps.
@Suite struct VerificationRowTests {
  /// Portable kernels whose attention has another last bit on several threads.
  private struct ThreadedKernels: Kernels {
    func attention(
      _ problem: AttentionProblem, threads: Int, returning results: AttentionResults,
      output: consuming Tensor?
    ) throws -> AttentionResult {
      var result = try PortableKernels().attention(
        problem, threads: threads, returning: results, output: output)
      guard threads > 1 else { return result }
      try result.output.withMutableSpan { span in
        for index in span.indices { span[index] = span[index].nextUp }
      }
      return result
    }
  }

  @Test func `one different bit fails, and each case has its own seed`() async throws {
    let subject = VerificationSubject(
      name: "threaded", backend: Backend(name: "threaded", kernels: ThreadedKernels()))
    let rows = try await Verification(
      checks: Verification.checks.filter { $0.name == "bits" }, subjects: [subject], caseCount: 20,
      firstSeed: 11
    ).run()
    let row = try #require(rows.first)
    // Cases of layers have no attention.
    let seeds = row.failures.compactMap { Int($0.name) }
    #expect(row.caseCount == 20 && seeds.count > 2 && seeds.allSatisfy { (11...30).contains($0) })
    #expect(Set(seeds).count == seeds.count && seeds.count == row.failures.count)
  }

  @Test func `the worst case is the one with the largest error relative to its bound`() {
    var row = Verification.Row(check: "c", subject: "s")
    #expect(row.worst == nil)
    row.add("a", Measurement(input: "", error: 0, bound: 1))
    #expect(row.worst?.name == "a")
    row.add("b", Measurement(input: "", error: 2, bound: 4))
    row.add("c", Measurement(input: "", error: 3, bound: 9))
    #expect(row.worst?.name == "b" && row.failures.isEmpty && row.caseCount == 3)
    row.add("d", Measurement(input: "", error: 1, bound: 1))
    row.add("e", Measurement(input: "", error: 1, bound: 0.99))
    #expect(row.worst?.name == "e" && row.failures.map(\.name) == ["e"])
  }
}
