import Attention
import AttentionModels
import DemonstrationModels
import Testing

@testable import Benchmarks

/// Unit tests for the parts of `attend bench`.
@Suite struct BenchPartsTests {
  @Test func `The median is the middle value, or the mean of the two middle values`() throws {
    let odd = try #require(Durations([5, 1, 9]))
    #expect(odd.median == 5 && odd.best == 1 && odd.count == 3)
    let even = try #require(Durations([8, 1, 2, 100]))
    #expect(even.median == 5 && even.best == 1 && even.count == 4)
    #expect(try #require(Durations([3])).median == 3)
    #expect(Durations([]) == nil)
  }

  @Test func `Runs repeat until both the minimum number and the minimum time are reached`() throws {
    var count = 0
    let few = try Repetition(repetitions: 7, seconds: 0).durations { count += 1 }
    #expect(few.count == 7)
    #expect(count == 8, "one run for the warm-up")
    let long = try Repetition(repetitions: 1, seconds: 0.02).durations {}
    #expect(long.count > 1)
  }

  @Test func `A check fails for NaN and for a different shape`() throws {
    let one = try Tensor(shape: [2], scalars: [1, 2])
    let near = try Tensor(shape: [2], scalars: [1, 2.001])
    #expect(BenchCheck(near, expected: one, relativeBound: 1e-3).passes)
    #expect(!BenchCheck(near, expected: one, relativeBound: 1e-4).passes)
    let broken = try Tensor(shape: [2], scalars: [.nan, 2])
    #expect(!BenchCheck(broken, expected: one, relativeBound: 1).passes)
    #expect(!BenchCheck(one, expected: broken, relativeBound: 1).passes)
    #expect(!BenchCheck(try one.rows(0..<1), expected: one, relativeBound: 1).passes)
  }

  @Test func `A wrong result is not timed`() throws {
    var runCount = 0
    let wrong = BenchCase(name: "wrong", length: 1, series: BenchSeries()) {
      BenchCase.Prepared(
        work: BenchWork(), run: { runCount += 1 },
        check: { BenchCheck(error: 2e-3, bound: 1e-3) }, arrays: { [] })
    }
    let runner = BenchRunner(
      repetition: Repetition(repetitions: 3, seconds: 0), backends: [.openBLAS], threadCounts: [1],
      peakMeter: nil, arrays: nil)
    let error = #expect(throws: BenchRunner.WrongResult.self) { try runner.rows(of: [wrong]) }
    #expect("\(try #require(error))".contains("wrong, openblas, threads 1"))
    #expect("\(try #require(error))".contains("0.002"))
    #expect(runCount == 0)
  }

  @Test(
    arguments: [
      (100, [0, 20, 40, 60, 80, 100]), (313, [0, 100, 200, 300]), (0.7, [0, 0.2, 0.4, 0.6]),
      (9.9, [0, 2, 4, 6, 8, 10]),
    ] as [(Double, [Double])])
  func `A linear axis has few ticks at round numbers`(largest: Double, ticks: [Double]) {
    let axis = PlotAxis.linear(upTo: largest, from: 400, to: 0)
    #expect(axis.ticks.count == ticks.count)
    for (tick, expected) in zip(axis.ticks, ticks) { #expect(abs(tick - expected) < 1e-9) }
    #expect(axis(0) == 400)
    #expect((0..<40).contains(axis(largest)))
  }

  @Test func `A logarithmic axis gives each doubling the same width`() {
    let axis = PlotAxis.doublings(of: [128, 1024, 500], from: 0, to: 100)
    #expect(axis.ticks == [128, 256, 512, 1024])
    #expect(abs((axis(256) - axis(128)) - (axis(1024) - axis(512))) < 1e-9)
    #expect(axis(128) > 0 && axis(1024) < 100)
    #expect(PlotAxis.doublings(of: [64], from: 0, to: 100)(64) == 50)
    #expect(PlotAxis.doublings(of: [1, 1_048_576], from: 0, to: 100).ticks.count <= 11)
  }

  @Test func `A causal square counts half of its pairs, other shapes the visible pairs`() throws {
    func operations(_ text: String) throws -> Double {
      try OperatorShape.shapes(in: text[...]).reduce(0) { $0 + $1.operations }
    }
    #expect(try operations("3x8x5") == 4 * 3 * 64 * 5)
    #expect(try operations("3x8x5:causal") == 2 * 3 * 64 * 5)
    #expect(try operations("1x2x1:keys=4:causal") == 4 * (3 + 4))
    #expect(try operations("1x4x1:keys=2:causal") == 4 * (0 + 0 + 1 + 2))
    #expect(try operations("1x4..16x1") == 4 * (16 + 64 + 256))
    #expect(try operations("3x8x5:mask:bias:softcap:alibi") == 4 * 3 * 64 * 5)
  }

  @Test func `A shape's suffixes combine in any order`() throws {
    let name = "2x3x4:keys=9:causal:mask:bias:softcap:alibi"
    let shape = try #require(
      try OperatorShape.shapes(in: "2x3x4:alibi:softcap:causal:bias:keys=9:mask").first)
    #expect(shape.name == name)
    #expect(shape.options == Set(OperatorShape.Option.allCases))
    #expect(try OperatorShape.shapes(in: name[...]) == [shape])
    let plain = try #require(try OperatorShape.shapes(in: "2x3x4").first)
    #expect(plain.name == "2x3x4" && plain.options.isEmpty)
    let error = #expect(throws: BenchError.self) { try OperatorShape.shapes(in: "2x3x4:x") }
    for option in OperatorShape.Option.allCases {
      let name = "2x3x4:\(option.rawValue)"
      let shape = try #require(try OperatorShape.shapes(in: name[...]).first)
      #expect(shape.options == [option] && shape.name == name)
      #expect("\(try #require(error))".contains(":\(option.rawValue)"))
    }
  }

  @Test(arguments: [Backend.openBLAS, .native, .portable])
  func `The check passes for each option and for combinations of options`(
    backend: Backend
  ) throws {
    let names =
      OperatorShape.Option.allCases.map { ":\($0.rawValue)" } + [
        ":causal:mask:bias", ":softcap:alibi:causal", ":causal:mask:bias:softcap:alibi",
        ":keys=9:alibi",
        ":keys=200:causal:mask:bias:softcap:alibi",
      ]
    try withCompute(backend: backend) {
      for name in names {
        for shape in try OperatorShape.shapes(in: "3x70x8\(name)") {
          let check = try OperatorCase(shape: shape).benchCase.prepare().check()
          #expect(check.passes, "\(shape.name): \(check.error)")
        }
      }
    }
  }

  @Test func `a product has two operations for each multiplication`() throws {
    let product = try #require(try GEMMCase.cases(in: "3x5x7").first)
    #expect(try product.benchCase.prepare().work.operations == 2 * 3 * 5 * 7)
  }

  @Test func `a model has two operations for each weight, and four for each pair and feature`()
    throws
  {
    let decoder = try GPT2(DemonstrationModel.toyGPT2.directory()).decoder
    // Three blocks of hidden size 96: four projections, and a feed-forward layer of size 384. 665 tokens.
    let (blocks, output) = (3 * (4 * 96 * 96 + 2 * 96 * 384), 665 * 96)
    #expect(
      DecoderWeights(decoder).operations(tokens: 7, rows: 2)
        == Double(2 * (7 * blocks + 2 * output)))
    #expect(
      decoder.transformer.operations(lengths: [3, 5])
        == Double(2 * 8 * blocks + 3 * 4 * (9 + 25) * 96))
  }

  @Test func `a meter keeps the best rate of each number of threads`() throws {
    final class Meter: RateMeter {
      var rates = MeasuredRates()
      var next: [Double] = [5, 7, 3, 2, 4]
      func measure(threads: Int) -> Double { next.removeFirst() }
    }
    let meter = Meter()
    // Before and after the first row, then after each row.
    try meter.around(threads: 1) {}
    try meter.around(threads: 1) {}
    #expect(meter.best == [1: 7])
    try meter.around(threads: 2) {}
    #expect(meter.best == [1: 7, 2: 4] && meter.next.isEmpty)
  }
}
