import TestSupport
import Testing

@testable import Attention
@testable import AttentionModels

/// In reproducible mode, a text has the same bits alone, at any place of any batch, and with any number of
/// threads: for every instruction set, with SIMD kernels and with calls of sgemm.
@Suite struct EqualBitsTests {
  struct Subject: Sendable, CustomTestStringConvertible {
    let backend: Backend

    var testDescription: String { backend.name }

    static let all = NativeKernels.all.flatMap { kernels in
      [
        Subject(backend: Backend(name: kernels.name, kernels: kernels)),
        Subject(
          backend: Backend(
            name: "\(kernels.name), sgemm",
            kernels: kernels.multiplying(with: OpenBLASMultiplier()))),
      ]
    }

    func compute<Result>(
      threads: Int, inputs: LayerInputs = .exact, _ body: () throws -> Result
    ) throws -> Result {
      try withCompute(
        backend: backend, threads: threads, layerInputs: inputs, reproducible: true, body)
    }
  }

  /// Numbers of threads and orders of texts: as given, reversed, and each text repeated.
  private static func batches(_ count: Int) -> [(threads: Int, order: [Int])] {
    [
      (1, Array(0..<count)), (2, (0..<count).reversed()),
      (3, (0..<count).flatMap { [$0, $0, $0] }),
    ]
  }

  private func bits(_ scalars: [Float]) -> [UInt32] { scalars.map(\.bitPattern) }

  @Test(arguments: Subject.all)
  func `an encoder`(_ subject: Subject) throws {
    for format in [WeightFormat.float32, .int8] {
      let model = try BERTFixture("plain", format: format).model
      let texts = [[4, 5, 6, 7, 8], [9], [10, 11], Array(4..<16), [12, 13, 14]]
      for inputs in [LayerInputs.exact, .rounded] {
        let alone = try texts.map { text in
          try subject.compute(threads: 1, inputs: inputs) {
            bits(try model(PackedTokens([text])).hiddenStates.scalars)
          }
        }
        for (threads, order) in Self.batches(texts.count) {
          let batch = try subject.compute(threads: threads, inputs: inputs) {
            bits(try model(PackedTokens(order.map { texts[$0] })).hiddenStates.scalars)
          }
          #expect(batch == order.flatMap { alone[$0] }, "\(format), \(inputs), \(order)")
        }
      }
    }
  }

  /// Logits of a prompt, then of several steps, alone and in a batch.
  @Test(arguments: Subject.all, ["gpt2", "llama3", "gemma2", "T5/v1.0", "BART/plain"])
  func `logits, in a prompt and step by step`(_ subject: Subject, name: String) throws {
    for format in [WeightFormat.float32, .int8] {
      let model: any LanguageModel =
        try name.contains("/")
        ? EncoderDecoderFixture(name, format: format).model
        : DecoderFixture(name, format: format).model
      let prompts = [[3, 4, 5, 6, 7, 8], [9], [10, 11], [12, 13, 14]]
      func logits(_ order: [Int], threads: Int) throws -> [[UInt32]] {
        try subject.compute(threads: threads, inputs: .rounded) {
          var (state, tokens) = try model.begin(PackedTokens(order.map { prompts[$0] }))
          var rows = order.map { _ in [UInt32]() }
          for step in 0..<3 {
            let logits = try model.logits(of: tokens, state: &state, rows: .last)
            for index in rows.indices { rows[index] += bits(logits.row(index)) }
            tokens = PackedTokens(order.map { [3 + $0 + step] })
          }
          return rows
        }
      }
      let alone = try prompts.indices.map { try logits([$0], threads: 1)[0] }
      for (threads, order) in Self.batches(prompts.count) {
        let batch = try logits(order, threads: threads)
        #expect(batch == order.map { alone[$0] }, "\(name), \(format), \(order)")
      }
    }
  }

  /// The tokens and the score's bits of generated texts.
  @Test(arguments: Subject.all, ["gpt2", "T5/v1.0"])
  func `generated texts`(_ subject: Subject, name: String) throws {
    let model: any LanguageModel =
      try name.contains("/") ? EncoderDecoderFixture(name).model : DecoderFixture(name).model
    let prompts = [[3, 4, 5, 6, 7], [9], [10, 11], [12, 13, 14]]
    var greedy = GenerationOptions()
    greedy.maxNewTokens = 8
    var beams = greedy
    beams.beamCount = 3
    beams.resultCount = 2
    for options in [greedy, beams] {
      func texts(_ order: [Int], threads: Int) throws -> [[GeneratedTokens]] {
        try subject.compute(threads: threads) {
          try model.generate(order.map { prompts[$0] }, options: options)
        }
      }
      let alone = try prompts.indices.map { try texts([$0], threads: 1)[0] }
      for (threads, order) in Self.batches(prompts.count) {
        let batch = try texts(order, threads: threads)
        for (position, index) in order.enumerated() {
          #expect(batch[position].map(\.tokens) == alone[index].map(\.tokens))
          #expect(batch[position].map(\.score?.bitPattern) == alone[index].map(\.score?.bitPattern))
        }
      }
    }
  }
}
