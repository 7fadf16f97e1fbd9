import ArgumentParser
import Attention

struct ExampleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "example",
    abstract: "Compute self-attention for a short sentence, step by step.",
    discussion: """
      Seven words, two-dimensional vectors, and every step: Q = XWQ, K = XWK, V = XWV; the scores \
      QKᵀ; the scaling by 1/√dk; the softmax; the weighted sum. The library computes the numbers, and \
      then computes the result again with each backend.
      """)

  func run() throws {
    let example = WorkedExample.theCat
    for line in try example.lines() { try StandardOutput.line(line) }
  }
}
