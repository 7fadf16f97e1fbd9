import Testing

@Suite struct ExampleTests {
  @Test func `The numbers of the example equal those computed by hand`() throws {
    let run = try attend("example")
    #expect(run.status == 0)
    #expect(run.error.isEmpty)
    let the = run.outputLines.first { $0.hasPrefix("  The  0.1000") }
    #expect(the?.contains("  0.1000  0.0707  ") == true, "\(run)")
    // The sum row of step 2, and a row for each of the seven words.
    // e^0.1329, to the last digit.
    #expect(run.outputLines.contains("  sat  0.1880  0.1329    1.1422  0.1491  [0.0566, 0.1610]"))
    let rows = run.outputLines.filter { $0.contains("  1.0000  [") }
    #expect(rows.count == 8, "\(run)")
    for backend in ["openblas", "portable", "reference"] {
      #expect(run.output.contains("\n  \(backend)"))
    }
  }

  @Test func `Every backend is close to the reference`() throws {
    let rows = try attend("example").outputLines.suffix(3)
    for row in rows {
      let distance = row.split(separator: " ").last.flatMap { Double($0) }
      #expect(distance ?? 1 < 1e-6, "\(row)")
    }
  }

  @Test func `No line is wider than 100 columns`() throws {
    for line in try attend("example").outputLines { #expect(line.count <= 100) }
  }
}
