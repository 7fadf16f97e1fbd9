import AttentionCore
import Foundation
import Fuzzing

/// Prints one line of JSON for each input: `{"accepted": …}`, `{"refused": "…"}` or `{"violation": "…"}`.
enum Replay {
  static func run(_ arguments: [String]) throws {
    guard let target = arguments.first.flatMap(FuzzTarget.init(rawValue:)) else {
      let targets = FuzzTarget.allCases.map(\.rawValue).joined(separator: ", ")
      FileHandle.standardError.write(Data("expected a target: \(targets)\n".utf8))
      exit(2)
    }
    let session = try FuzzSession(target)
    if arguments.dropFirst().first == "--stream" {
      var records = RecordReader()
      while let input = records.next() {
        print(line(session, input))
        // After a crash, the number of lines shows which input was the cause.
        fflush(nil)
      }
    } else {
      for path in arguments.dropFirst() {
        let input = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        print(path, line(session, input))
      }
    }
  }

  private static func line(_ session: FuzzSession, _ input: [UInt8]) -> String {
    do {
      switch try session.run(input) {
      case .accepted(let result): return "{\"accepted\": \(result)}"
      case .refused(let reason): return "{\"refused\": \(JSONText.string(reason))}"
      }
    } catch {
      return "{\"violation\": \(JSONText.string(error.description))}"
    }
  }
}

/// Reads records from standard input: four bytes with the length, little-endian, then the bytes.
private struct RecordReader {
  private var buffer = [UInt8](repeating: 0, count: 1 << 16)
  private var unread = 0..<0

  /// The next record; nil at the end of the input.
  mutating func next() -> [UInt8]? {
    guard let length = bytes(4) else { return nil }
    return bytes(length.reversed().reduce(0) { $0 << 8 | Int($1) })
  }

  private mutating func bytes(_ count: Int) -> [UInt8]? {
    var bytes: [UInt8] = []
    while bytes.count < count {
      if unread.isEmpty {
        let size = read(STDIN_FILENO, &buffer, buffer.count)
        guard size > 0 else { return nil }
        unread = 0..<size
      }
      let end = min(unread.upperBound, unread.lowerBound + count - bytes.count)
      bytes += buffer[unread.lowerBound..<end]
      unread = end..<unread.upperBound
    }
    return bytes
  }
}
