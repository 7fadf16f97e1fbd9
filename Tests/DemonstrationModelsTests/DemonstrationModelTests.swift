import Foundation
import TestSupport
import Testing

import AttentionModels
@testable import DemonstrationModels

/// The files of the demonstration models; their answers are tested with the tasks.
@Suite struct DemonstrationModelTests {
  @Test(arguments: DemonstrationModel.allCases)
  func `a demonstration model is a folder in Hugging Face's layout`(_ model: DemonstrationModel)
    throws
  {
    let directory = try model.directory()
    for file in [
      "config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json", "README.md",
      "words.txt",
    ] {
      #expect(directory.contains(file), "\(file)")
    }
    let isGenerator = DemonstrationModel.generators.contains(model)
    #expect(directory.contains("generation_config.json") == isGenerator)
    let type = try directory.configuration().string("model_type")
    #expect(type == (model == .toyT5 ? "t5" : model == .toyGPT2 ? "gpt2" : "bert"))
  }

  @Test(arguments: DemonstrationModel.allCases)
  func `a demonstration model is found by its name`(_ model: DemonstrationModel) throws {
    let found = try DemonstrationModel.directory(
      named: model.rawValue, environment: ["HOME": "/nowhere"])
    #expect(try found.path == model.directory().path)
  }

  @Test func `a demonstration model has no revisions`() {
    let text = failureText {
      try DemonstrationModel.directory(
        named: "toy-t5", revision: "main", environment: ["HOME": "/nowhere"])
    }
    for part in ["toy-t5", "/nowhere", "no revisions"] { #expect(text.contains(part), "\(text)") }
  }

  @Test func `a fetched model of the same name comes first`() throws {
    let home = try TemporaryDirectory()
    let path = try home.makeDirectory("swift-attention/toy-t5")
    let found = try DemonstrationModel.directory(
      named: "toy-t5", environment: ["XDG_CACHE_HOME": home.path])
    #expect(found.path == path)
  }

  @Test func `the weights of the demonstration models are small`() throws {
    func size(_ models: [DemonstrationModel]) throws -> Int {
      try models.reduce(0) { sum, model in
        let file = try model.directory().file("model.safetensors")
        let attributes = try FileManager.default.attributesOfItem(atPath: file)
        return try sum + #require(attributes[.size] as? Int)
      }
    }
    let encoders = DemonstrationModel.allCases.filter {
      !DemonstrationModel.generators.contains($0)
    }
    #expect(try size(DemonstrationModel.generators) < 4_000_000)
    #expect(try size(encoders) < 1_500_000)
  }

  @Test func `the T5's tokenizer gives the reference's ids`() throws {
    let tokenizer = try Tokenizer(DemonstrationModel.toyT5.directory())
    let references = try DemonstrationExample.all().filter { $0.reference != nil }
    #expect(references.count >= 20)
    for example in references {
      #expect(try tokenizer.encode(example.input).ids == example.reference?.inputIDs)
    }
  }

  @Test func `the T5's tokenizer encodes and decodes the answers`() throws {
    let tokenizer = try Tokenizer(DemonstrationModel.toyT5.directory())
    for example in try DemonstrationExample.all() {
      #expect(try tokenizer.decode(tokenizer.encode(example.expected).ids) == example.expected)
    }
  }

  @Test func `missing resources are an error with the places that were searched`() throws {
    #expect(
      failureText { try DemonstrationModel.toyT5.directory(in: ["/nowhere", "/nor/here"]) }
        == "model toy-t5: the resources of the package are missing: not in /nowhere, not in /nor/here"
    )
  }
}
