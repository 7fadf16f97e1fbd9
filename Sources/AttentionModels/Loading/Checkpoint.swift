import Attention
import Foundation

/// The weights of a model: one safetensors file, or the shards that an index lists.
package struct Checkpoint: Sendable {
  /// The names of the tensors, in the order of the file or the index.
  package let names: [String]

  private let files: [SafetensorsFile]
  /// The index in `files` of each tensor. The keys are UTF-8 bytes, because different names can be equal as
  /// `String`.
  private let fileNumbers: [[UInt8]: Int]

  private static let fileName = "model.safetensors"
  private static let indexName = "model.safetensors.index.json"

  /// Opens the checkpoint in `directory`: the single file if there is one, else the index.
  ///
  /// - Throws: `ModelError.notFound` if there is neither, `ModelError.weights` if a file is damaged, does
  ///   not have a tensor that the index assigns to it, or is outside the directory.
  package init(_ directory: ModelDirectory) throws {
    if directory.contains(Self.fileName) {
      let file = try SafetensorsFile(path: directory.file(Self.fileName))
      try self.init(files: [file], places: file.tensorNames.map { ($0, 0) })
    } else if directory.contains(Self.indexName) {
      try self.init(index: directory.file(Self.indexName), in: directory)
    } else {
      throw ModelError.notFound(
        model: directory.path, reason: "no such file: \(Self.fileName)\(directory.formatHint())")
    }
  }

  /// Opens a safetensors file, an index of shards (`.index.json`), or a folder with one of these.
  ///
  /// - Throws: as ``init(_:)``; `ModelError.weights` for a missing file.
  package init(path: String) throws {
    if isDirectory(path) {
      try self.init(ModelDirectory(path: path))
    } else if path.hasSuffix(".index.json") {
      let folder = (path as NSString).deletingLastPathComponent
      try self.init(index: path, in: ModelDirectory(path: folder.isEmpty ? "." : folder))
    } else {
      let file: SafetensorsFile
      do {
        file = try SafetensorsFile(path: path)
      } catch ModelError.weights(let path, let reason) {
        let advice = ModelFormat(fileName: path).map { "; \($0.advice)" } ?? ""
        throw ModelError.weights(path: path, reason: reason + advice)
      }
      try self.init(files: [file], places: file.tensorNames.map { ($0, 0) })
    }
  }

  private init(index path: String, in directory: ModelDirectory) throws {
    let index = try CheckpointIndex(path: path)
    let files = try index.shardNames.map { try SafetensorsFile(path: directory.file($0)) }
    try self.init(files: files, places: index.places)
  }

  private init(files: [SafetensorsFile], places: [(name: String, file: Int)]) throws {
    var fileNumbers: [[UInt8]: Int] = [:]
    fileNumbers.reserveCapacity(places.count)
    for (name, file) in places {
      guard files[file].shape(of: name) != nil else {
        throw ModelError.weights(
          path: files[file].path,
          reason: "missing tensor \(printable(name)), which the index assigns to this file")
      }
      fileNumbers[Array(name.utf8)] = file
    }
    self.files = files
    self.names = places.map(\.name)
    self.fileNumbers = fileNumbers
  }

  /// Whether the checkpoint has a tensor of that name.
  package func contains(_ name: String) -> Bool { fileNumbers[Array(name.utf8)] != nil }

  /// The metadata of all files, such as `format`; the first value for a key in several files.
  var metadata: [String: String] {
    files.reduce(into: [:]) { $0.merge($1.metadata) { first, _ in first } }
  }

  /// The path of the file with a tensor.
  func path(of name: String) throws -> String { try file(of: name).path }

  /// The element type of a tensor in the file.
  ///
  /// - Throws: `ModelError.weights`: "missing tensor".
  func elementType(of name: String) throws -> SafetensorsType {
    let file = try file(of: name)
    guard let type = file.elementType(of: name) else { throw missing(name, in: file.path) }
    return type
  }

  /// The format that stores a tensor's numbers without conversion; float32 for F64.
  ///
  /// - Throws: `ModelError.weights` for "missing tensor", or an element type that is not floating point.
  func weightFormat(of name: String) throws -> WeightFormat {
    try file(of: name).weightFormat(of: name)
  }

  /// Reads a tensor of any real element type as Float32.
  ///
  /// - Throws: as ``tensor(_:)``, except that NaN and infinity are accepted.
  func anyTensor(_ name: String) throws -> Tensor { try file(of: name).anyTensor(name) }

  /// The shape of a tensor, without reading it.
  ///
  /// - Throws: `ModelError.weights`: "missing tensor".
  package func shape(of name: String) throws -> Shape {
    let file = try file(of: name)
    guard let shape = file.shape(of: name) else { throw missing(name, in: file.path) }
    return shape
  }

  /// Reads a tensor as Float32.
  ///
  /// - Throws: `ModelError.weights` for "missing tensor", an element type that is not floating point,
  ///   a number that is "not finite", or a "short read" of a file that was truncated;
  ///   `AttentionError.memory`.
  package func tensor(_ name: String) throws -> Tensor {
    let file = try file(of: name)
    let tensor = try file.tensor(name)
    try tensor.withUnsafeScalars { try requireFinite($0, name, in: file) }
    return tensor
  }

  /// Checks that weights are finite: with NaN or infinity, all results would be NaN.
  private func requireFinite(
    _ numbers: UnsafeBufferPointer<Float>, _ name: String, in file: SafetensorsFile
  ) throws {
    let kernels = Backend.current.kernels
    var isFinite = true
    try Cancellation.forEachRange(of: numbers.count, length: 1 << 20) {
      isFinite = isFinite && kernels.isFinite(UnsafeBufferPointer(rebasing: numbers[$0]))
    }
    guard !isFinite else { return }
    let number = numbers.first { !$0.isFinite } ?? .nan
    throw ModelError.weights(
      path: file.path, reason: "tensor '\(printable(name))': not finite: contains \(number)")
  }

  /// Reads a tensor of the given shape, which is checked before the data is read.
  ///
  /// - Throws: `ModelError.weights` with both shapes if they differ, and as `tensor(_:)`.
  package func tensor(_ name: String, shape expected: Shape) throws -> Tensor {
    try require(name, shape: expected)
    return try tensor(name)
  }

  /// Reads a matrix as the weight of a layer, a few rows at a time, so that there is never a second copy of
  /// the matrix in memory.
  ///
  /// - Parameters:
  ///   - input: the number of input features of the layer.
  ///   - output: the number of output features of the tensor.
  ///   - outputs: the output features of the tensor that the layer uses.
  ///   - shape: the shape of a tensor that stacks matrices `[output, input]`; nil for one matrix.
  ///   - format: the format in memory; nil for the format of the file, Float32 for F64.
  ///   - bias: called after the checks of the weight's shape and type.
  /// - Throws: as `tensor(_:shape:)`, and `ModelError.weights` naming the tensor for a number that the
  ///   format cannot represent; `AttentionError.argument` naming "outputs" if they are out of range.
  package func linear(
    _ name: String, from input: Int, to output: Int, outputs: OutputRows,
    layout: WeightLayout = .outputInput, shape: Shape? = nil,
    format: WeightFormat? = nil, bias: () throws -> Tensor? = { nil }
  ) throws -> Linear {
    try require(
      name, shape: shape ?? (layout == .outputInput ? [output, input] : [input, output]))
    try outputs.require(within: output, of: name)
    let file = try file(of: name)
    let fileFormat = try file.weightFormat(of: name)
    let bias = try bias()
    do {
      return try Linear(
        inputSize: input, outputSize: outputs.count, bias: bias, format: format ?? fileFormat,
        layout: layout
      ) { rows, columns, target in
        switch layout {
        case .outputInput:
          var next = target
          for run in outputs.runs(in: rows) {
            try file.read(name, rows: run, columns: columns, into: next)
            next += run.count * columns.count
          }
        case .inputOutput:
          let runs = outputs.runs(in: columns)
          if runs.count == 1, let run = runs.first {
            try file.read(name, rows: rows, columns: run, into: target)
          } else {
            for row in rows {
              var next = target + (row - rows.lowerBound) * columns.count
              for run in runs {
                try file.read(name, rows: row..<row + 1, columns: run, into: next)
                next += run.count
              }
            }
          }
        }
        // Checked here, while the rows are in the cache.
        try requireFinite(
          UnsafeBufferPointer(start: target, count: rows.count * columns.count), name, in: file)
      }
    } catch AttentionError.argument("weight", let reason) {
      throw ModelError.weights(
        path: file.path, reason: "tensor '\(printable(name))': \(reason)")
    }
  }

  /// Whether two matrices have the same shape, type and numbers. Reads a few rows at a time.
  ///
  /// - Throws: as `tensor(_:)`.
  package func areEqual(_ first: String, _ second: String) throws -> Bool {
    let (left, right, shape) = (try file(of: first), try file(of: second), try shape(of: first))
    guard try shape == self.shape(of: second), shape.rank == 2, shape[1] > 0,
      try left.weightFormat(of: first) == right.weightFormat(of: second)
    else { return false }
    let (rowCount, width) = (shape[0], shape[1])
    let step = max(1, (1 << 18) / width)
    try requireMemory(
      count: 2 * min(step, rowCount) * width, of: Float.self,
      purpose: "comparing tensors with \(width) columns")
    var numbers = [Float](repeating: 0, count: 2 * min(step, rowCount) * width)
    for start in stride(from: 0, to: rowCount, by: step) {
      let rows = start..<min(start + step, rowCount)
      let count = rows.count * width
      let isEqual = try numbers.withUnsafeMutableBufferPointer { numbers in
        guard let base = numbers.baseAddress else { return true }
        try left.read(first, rows: rows, columns: 0..<width, into: base)
        try right.read(second, rows: rows, columns: 0..<width, into: base + count)
        return numbers[..<count].elementsEqual(numbers[count..<2 * count])
      }
      guard isEqual else { return false }
    }
    return true
  }

  private func require(_ name: String, shape expected: Shape) throws {
    let shape = try shape(of: name)
    guard shape == expected else {
      throw ModelError.weights(
        path: try file(of: name).path,
        reason: "tensor '\(printable(name))': expected shape \(expected), got \(shape)")
    }
  }

  private func file(of name: String) throws -> SafetensorsFile {
    guard let number = fileNumbers[Array(name.utf8)] else {
      throw missing(name, in: files.map(\.path).first ?? "")
    }
    return files[number]
  }

  private func missing(_ name: String, in path: String) -> ModelError {
    .weights(path: path, reason: "missing tensor \(printable(name))")
  }
}
