import Attention
import Foundation
import TestSupport
import Testing

@testable import AttentionModels

/// Layers read from checkpoints of every element type into every format.
@Suite struct WeightLoaderTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private static let types = ["F64", "F32", "BF16", "F16"]

  /// A matrix and a bias in a checkpoint of a type, and their numbers.
  private struct Saved {
    var header: [String] = []
    var data: [UInt8] = []

    mutating func add(_ name: String, _ shape: [Int], _ type: String, _ numbers: [Float]) -> [Float]
    {
      let start = data.count
      var kept: [Float] = []
      func append(_ pattern: some FixedWidthInteger) {
        withUnsafeBytes(of: pattern.littleEndian) { data += Array($0) }
      }
      for number in numbers {
        switch type {
        case "F64":
          append(Double(number).bitPattern)
          kept.append(number)
        case "F32":
          append(number.bitPattern)
          kept.append(number)
        case "BF16":
          append(HalfPrecision.bfloat16(from: number))
          kept.append(HalfPrecision.float(fromBFloat16: HalfPrecision.bfloat16(from: number)))
        case "F16":
          append(HalfPrecision.float16(from: number))
          kept.append(HalfPrecision.float(fromFloat16: HalfPrecision.float16(from: number)))
        default:
          data += [UInt8](repeating: 1, count: 1)
        }
      }
      header.append(
        #""\#(name)":{"dtype":"\#(type)","shape":\#(shape),"data_offsets":[\#(start),\#(data.count)]}"#
      )
      return kept
    }

    func write(to directory: TemporaryDirectory) throws -> Checkpoint {
      try directory.write(
        safetensors("{\(header.joined(separator: ","))}", data: data), to: "model.safetensors")
      return try Checkpoint(directory: directory.path)
    }
  }

  private static let ownFormats: [String: WeightFormat] = [
    "F64": .float32, "F32": .float32, "BF16": .bfloat16, "F16": .float16,
  ]

  @Test(arguments: types, WeightFormat.allCases.map(Optional.some) + [nil])
  func `a layer has the weights of the file in the requested format`(
    type: String, format: WeightFormat?
  ) throws {
    let (input, output) = (131, 70)
    var generator = SeededGenerator(seed: 102)
    var saved = Saved()
    let numbers = (0..<input * output).map { _ in generator.normal() }
    let weight = saved.add("a.l.weight", [output, input], type, numbers)
    let bias = saved.add("a.l.bias", [output], type, (0..<output).map { _ in generator.normal() })
    let loader = WeightLoader(try saved.write(to: directory), format: format).nested("a")
    #expect(loader.format == format && loader.contains("l.bias") && !loader.contains("a.l.bias"))
    let layer = try loader.linear("l", from: input, to: output)
    #expect(layer.format == format ?? Self.ownFormats[type])
    let expected = try Linear(
      weight: Tensor(shape: [output, input], scalars: weight), format: layer.format)
    #expect(try layer.weight == expected.weight)
    if format == nil { #expect(try layer.weight.scalars == weight) }
    #expect(layer.bias?.scalars == bias)
    let some = try loader.linear("l", from: input, to: output, outputs: 31..<66)
    #expect(
      try some.weight.scalars == Array(layer.weight.scalars[31 * input..<66 * input]))
    #expect(some.bias?.scalars == Array(bias[31..<66]))
    let table = try loader.tokenEmbedding("l", count: output, hiddenSize: input)
    #expect(try table([69]).scalars == layer.weight.scalars.suffix(input))
    #expect(table.output.bias == nil && table.format == layer.format)
  }

  @Test(arguments: WeightFormat.allCases, [WeightLayout.outputInput, .inputOutput])
  func `interleaved output features are separated`(format: WeightFormat, layout: WeightLayout)
    throws
  {
    // Three parts of 7 features for each of 9 heads.
    let (input, length, heads) = (40, 7, 9)
    let output = 3 * length * heads
    var generator = SeededGenerator(seed: 104)
    var saved = Saved()
    let shape = layout == .outputInput ? [output, input] : [input, output]
    _ = saved.add("l.weight", shape, "F32", (0..<input * output).map { _ in generator.normal() })
    let bias = saved.add("l.bias", [output], "F32", (0..<output).map { _ in generator.normal() })
    let loader = WeightLoader(try saved.write(to: directory), format: .float32)
    let all = try loader.linear("l", from: input, to: output, layout: layout).weight
    for part in 0..<3 {
      let rows = OutputRows(part: part, of: 3, length: length, groups: heads)
      let layer = try loader.converting(to: format).linear(
        "l", from: input, to: output, bias: .required, layout: layout, rows: rows)
      let indices = (0..<heads).flatMap { head in
        (0..<length).map { (3 * head + part) * length + $0 }
      }
      let expected = try Linear(weight: all.selecting(rows: indices), format: format)
      #expect(try layer.weight == expected.weight)
      #expect(layer.bias?.scalars == indices.map { bias[$0] })
    }
    let outside = OutputRows(part: 2, of: 3, length: length, groups: heads + 1)
    #expect(
      failureText {
        try loader.linear(
          "l", from: input, to: output, bias: .none, layout: layout, rows: outside)
      }.contains("outputs: 14..<210 is out of range for 189 output features"))
  }

  @Test(arguments: types, WeightFormat.allCases)
  func `a matrix of a stack has its rows`(type: String, format: WeightFormat) throws {
    var generator = SeededGenerator(seed: 105)
    var saved = Saved()
    let numbers = (0..<3 * 10 * 66).map { _ in generator.normal() }
    let stored = saved.add("s.experts", [3, 10, 66], type, numbers)
    let loader = WeightLoader(try saved.write(to: directory), format: format).nested("s")
    for index in 0..<3 {
      let layer = try loader.stacked("experts", index, of: 3, from: 66, to: 10, outputs: 4..<10)
      let first = (index * 10 + 4) * 66
      let expected = try Linear(
        weight: Tensor(shape: [6, 66], scalars: Array(stored[first..<first + 6 * 66])),
        format: format)
      #expect(try layer.weight == expected.weight && layer.bias == nil)
    }
    let text = failureText {
      try loader.stacked("experts", 0, of: 2, from: 66, to: 10, outputs: 0..<10)
    }
    #expect(text.contains("expected shape [2, 10, 66], got [3, 10, 66]"), "\(text)")
  }

  @Test(arguments: types, WeightFormat.allCases)
  func `weights in the transposed layout are transposed`(
    type: String, format: WeightFormat
  ) throws {
    let (input, output) = (70, 131)
    var generator = SeededGenerator(seed: 103)
    var saved = Saved()
    let numbers = (0..<input * output).map { _ in generator.normal() }
    let stored = saved.add("c.weight", [input, output], type, numbers)
    let loader = WeightLoader(try saved.write(to: directory), format: format)
    let transposed = (0..<output * input).map { stored[$0 % input * output + $0 / input] }
    let whole = try Linear(
      weight: Tensor(shape: [output, input], scalars: transposed), format: format
    ).weight.scalars
    for outputs in [nil, 0..<131, 33..<100, 130..<131, 5..<5] as [Range<Int>?] {
      let layer = try loader.linear(
        "c", from: input, to: output, bias: .none, layout: .inputOutput, outputs: outputs)
      let range = outputs ?? 0..<output
      #expect(layer.bias == nil && layer.outputSize == range.count)
      #expect(
        try layer.weight.scalars
          == Array(whole[range.lowerBound * input..<range.upperBound * input]))
    }
  }

  @Test func `biases are read if requested`() throws {
    var saved = Saved()
    _ = saved.add("with.weight", [1, 1], "F32", [2])
    _ = saved.add("with.bias", [1], "F32", [3])
    _ = saved.add("without.weight", [1, 1], "F32", [2])
    let loader = WeightLoader(try saved.write(to: directory))
    #expect(try loader.linear("with", from: 1, to: 1).bias?.scalars == [3])
    #expect(try loader.linear("with", from: 1, to: 1, bias: .none).bias == nil)
    #expect(
      failureText { try loader.linear("without", from: 1, to: 1) }
        .hasSuffix("missing tensor without.bias"))
  }

  @Test func `weights of norms are Float32, and Gemma's are the stored ones plus 1`() throws {
    var saved = Saved()
    let weight = saved.add("n.weight", [3], "BF16", [0.5, -1, 0])
    let loader = WeightLoader(try saved.write(to: directory), format: .int8)
    #expect(try loader.rmsNorm("n", featureCount: 3, epsilon: 1e-6).weight.scalars == weight)
    let offset = try loader.rmsNorm("n", featureCount: 3, epsilon: 1e-6, weightOffset: 1)
    #expect(offset.weight.scalars == [1.5, 0, 1] && offset.epsilon == 1e-6)
    #expect(
      failureText { try loader.rmsNorm("n", featureCount: 4, epsilon: 1e-6) }
        .contains("tensor 'n.weight': expected shape [4], got [3]"))
  }

  @Test func `tensors that do not fit are refused with their names`() throws {
    var saved = Saved()
    _ = saved.add("l.weight", [2, 3], "F32", [1, 2, 3, 4, 5, 70_000])
    _ = saved.add("n.weight", [1, 2], "F32", [1, .nan])
    _ = saved.add("v.weight", [2], "F32", [1, 2])
    _ = saved.add("i.weight", [2, 2], "I8", [1, 2, 3, 4])
    let checkpoint = try saved.write(to: directory)
    func failure(
      _ name: String, _ input: Int, _ output: Int, format: WeightFormat? = nil,
      layout: WeightLayout = .outputInput, outputs: Range<Int>? = nil
    ) -> String {
      failureText {
        try WeightLoader(checkpoint, format: format).linear(
          name, from: input, to: output, bias: .none, layout: layout, outputs: outputs)
      }
    }
    let path = directory.path("model.safetensors")
    #expect(
      failure("l", 2, 3) == "\(path): tensor 'l.weight': expected shape [3, 2], got [2, 3]")
    #expect(failure("l", 2, 3, layout: .inputOutput).hasPrefix("no failure"))
    #expect(
      failure("l", 3, 2, layout: .inputOutput)
        == "\(path): tensor 'l.weight': expected shape [3, 2], got [2, 3]")
    #expect(failure("v", 2, 1) == "\(path): tensor 'v.weight': expected shape [1, 2], got [2]")
    #expect(failure("x", 3, 2) == "\(path): missing tensor x.weight")
    #expect(failure("i", 2, 2).contains("tensor 'i.weight': dtype I8 cannot be read"))
    #expect(
      failure("l", 3, 2, format: .float16)
        == "\(path): tensor 'l.weight': 70000.0 is beyond the range of float16")
    #expect(
      failure("n", 2, 1, format: .int8Groups)
        == "\(path): tensor 'n.weight': not finite: contains nan")
    for outputs in [1..<3, -1..<1, 3..<3] {
      let text = failure("l", 3, 2, outputs: outputs)
      #expect(
        text.hasPrefix("outputs: \(outputs) ") && text.contains("2 output features"), "\(text)")
    }
    #expect(failure("l", -3, -2).contains("expected shape [-2, -3]"))
  }

  @Test(arguments: WeightFormat.allCases)
  func `a file that is truncated after opening is a short read`(format: WeightFormat) throws {
    var saved = Saved()
    _ = saved.add("l.weight", [100, 100], "F16", [Float](repeating: 1, count: 10_000))
    let checkpoint = try saved.write(to: directory)
    let loader = WeightLoader(checkpoint, format: format)
    _ = try loader.linear("l", from: 100, to: 100, bias: .none)
    #expect(truncate(directory.path("model.safetensors"), 15_000) == 0)
    for layout in [WeightLayout.outputInput, .inputOutput] {
      let text = failureText {
        try loader.linear("l", from: 100, to: 100, bias: .none, layout: layout)
      }
      #expect(text.contains("model.safetensors: short read"))
    }
    // Tensors before the cut can still be read.
    _ = try loader.linear("l", from: 100, to: 100, bias: .none, outputs: 0..<64)
  }
}
