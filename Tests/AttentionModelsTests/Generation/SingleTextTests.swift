import Attention
import DemonstrationModels
import Foundation
import TestSupport
import Testing

@testable import AttentionModels

/// Calls for a single text, and asynchronous loading.
@Suite struct SingleTextTests {
  private func generator() throws -> TextGenerator {
    try TextFixtures.generator("t5", writing: "the fox jumps", stop: "</s>")
  }

  @Test func `a call for one text returns the text that a call for several returns`() throws {
    let generator = try generator()
    let task = TextTask(name: "echo", prefix: "Zz ", options: generator.options)
    let cases = [
      (try generator.generate("the"), try generator.generate(["the"])[0]),
      (try generator.perform(task, "the"), try generator.perform(task, ["the"])),
      (
        try generator.translate("the"),
        try generator.translate(["the"])
      ),
      (try generator.summarize("the"), try generator.summarize(["the"])),
      (
        try generator.answer("the?", context: "fox"),
        try generator.answer(["the?"], context: "fox")
      ),
    ]
    for (text, texts) in cases {
      #expect(text.text == " the fox jumps")
      #expect(texts.map(\.text) == [text.text])
      #expect(texts.map(\.tokens) == [text.tokens])
      #expect(texts.map(\.promptTokenCount) == [text.promptTokenCount])
      #expect("\(text)".hasPrefix(#"GeneratedText(" the fox jumps", "#), "\(text)")
    }
  }

  @Test func `the error of a text has its index among several, and none for a single text`() throws
  {
    var generator = try generator()
    generator.maxPromptLength = 3
    let long = String(repeating: "the fox ", count: 9)
    let several = #expect(throws: ModelError.self) { try generator.generate(["a", "b", long]) }
    let single = #expect(throws: ModelError.self) { try generator.generate(long) }
    for (error, index) in [(several, 2), (single, nil)] as [(ModelError?, Int?)] {
      guard case .text(let name, let place, let reason) = error else {
        Issue.record("\(String(describing: error))")
        continue
      }
      #expect(name == "prompt" && place == index)
      #expect(reason.contains("longer than the limit of 3"), "\(reason)")
    }
    // An error of the tokenizer, too.
    let embedder = ModelError.text("text", reason: "not UTF-8").withIndex(4)
    #expect(embedder == .text("text", index: 4, reason: "not UTF-8"))
    #expect("\(embedder)" == "text 4: not UTF-8")
    #expect("\(embedder.shiftingIndex(by: 60))" == "text 64: not UTF-8")
  }

  @Test func `a model loads asynchronously as it does synchronously`() async throws {
    let directory = try DemonstrationModel.toyGPT2.directory()
    let loaded = try await TextGenerator.load(directory)
    let generator = try TextGenerator(directory)
    #expect("\(loaded)" == "\(generator)")
    #expect(
      try loaded.generate("Once upon a time").text
        == (try generator.generate("Once upon a time").text))
    let named = try await TextGenerator.load(model: directory.path)
    #expect("\(named)" == "\(generator)")
    await #expect(throws: ModelError.self) {
      try await TextGenerator.load(model: "/no/such/folder")
    }
  }

  @Test func `blocking work occupies no thread of the cooperative pool`() async throws {
    // More tasks than threads of the pool, each of which waits until all have begun.
    let count = 4 * ProcessInfo.processInfo.activeProcessorCount
    let arrived = CallCount()
    let all = DispatchSemaphore(value: 0)
    let names = try await withThrowingTaskGroup(of: String.self) { group in
      for _ in 0..<count {
        group.addTask {
          try await withCompute(backend: .portable) {
            try await BlockingWork.run {
              arrived.note(tokens: 0)
              if arrived.calls == count { for _ in 0..<count { all.signal() } }
              let result = all.wait(timeout: .now() + 60)
              return result == .success ? Backend.current.name : "timeout"
            }
          }
        }
      }
      return try await group.reduce(into: Set()) { $0.insert($1) }
    }
    #expect(names == ["portable"])
  }

  @Test func `a cancelled task loads nothing`() async {
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await TextGenerator.load(model: "/no/such/folder")
    }
    await #expect(throws: CancellationError.self) { try await task.value }
  }
}
