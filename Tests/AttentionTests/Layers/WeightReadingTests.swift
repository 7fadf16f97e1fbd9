import Attention
import Synchronization
import TestSupport
import Testing

/// Layers whose weights are read a few rows at a time.
@Suite struct WeightReadingTests {
  private struct Failure: Error {}

  @Test(arguments: WeightFormat.allCases, [WeightLayout.outputInput, .inputOutput])
  func `a layer is the same for every way to read its weights`(
    format: WeightFormat, layout: WeightLayout
  ) throws {
    var generator = SeededGenerator(seed: 101)
    for (input, output) in [(1, 1), (64, 32), (130, 70), (2, 900), (900, 2), (0, 3), (3, 0)] {
      let weight = try generator.normalTensor([output, input])
      let scalars = weight.scalars
      let expected = try Linear(weight: weight, format: format).weight
      for threads in [1, 2, 7] {
        let layer = try withCompute(threads: threads) {
          try Linear(inputSize: input, outputSize: output, format: format, layout: layout) {
            rows, columns, target in
            var next = 0
            for row in rows {
              for column in columns {
                target[next] =
                  layout == .outputInput
                  ? scalars[row * input + column] : scalars[column * input + row]
                next += 1
              }
            }
          }
        }
        #expect(try layer.weight == expected)
      }
    }
  }

  @Test(arguments: [WeightLayout.outputInput, .inputOutput])
  func `every weight is read once, about a megabyte at a time`(layout: WeightLayout) throws {
    let (input, output) = (3072, 1000)
    for threads in [1, 2] {
      let counts = Mutex((total: 0, most: 0))
      _ = try withCompute(threads: threads) {
        try Linear(inputSize: input, outputSize: output, format: .bfloat16, layout: layout) {
          rows, columns, target in
          let count = rows.count * columns.count
          target.update(repeating: 1, count: count)
          counts.withLock { $0 = ($0.total + count, max($0.most, count)) }
        }
      }
      #expect(counts.withLock { $0.total } == input * output)
      #expect(counts.withLock { $0.most } <= 1 << 18)
    }
  }

  @Test func `the layer throws an error of reading`() {
    for threads in [1, 2] {
      #expect(throws: Failure.self) {
        try withCompute(threads: threads) {
          try Linear(inputSize: 600, outputSize: 900, format: .int8, layout: .outputInput) {
            rows, _, target in
            target.update(repeating: 0, count: rows.count * 600)
            if rows.contains(890) { throw Failure() }
          }
        }
      }
    }
  }

  @Test func `invalid sizes throw an error`() {
    func failure(_ input: Int, _ output: Int) -> String {
      failureText {
        try Linear(
          inputSize: input, outputSize: output, format: .float16, layout: .outputInput
        ) { _, _, _ in }
      }
    }
    #expect(failure(-1, 2).contains("negative dimension"))
    #expect(failure(2, -1).contains("negative dimension"))
    #expect(failure(.max / 2, 64).contains("overflow"))
    #expect(failure(1 << 40, 1 << 20).contains("cannot allocate"))
    let bias = failureText {
      try Linear(
        inputSize: 2, outputSize: 3, bias: Tensor(shape: [2], scalars: [1, 2]),
        format: .float32, layout: .outputInput
      ) { _, _, _ in }
    }
    #expect(bias == "bias: expected [3], got shape [2]")
  }
}
