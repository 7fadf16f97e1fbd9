import Foundation
import TestSupport
import Testing

/// Each file of a model as something other than a regular file in the model's folder.
@Suite struct IrregularFileTests {
  private static let files: [(ModelFolder, String)] = [
    (.encoder, "config.json"), (.encoder, "model.safetensors"), (.encoder, "vocab.txt"),
    (.encoder, "tokenizer_config.json"), (.encoder, "modules.json"),
    (.encoder, "1_Pooling/config.json"), (.encoder, "sentence_bert_config.json"),
    (.encoder, "config_sentence_transformers.json"), (.decoder, "config.json"),
    (.decoder, "weights"), (.decoder, "model.safetensors.index.json"),
    (.decoder, "generation_config.json"), (.decoder, "tokenizer.json"),
    (.bytePairs, "vocab.json"), (.bytePairs, "merges.txt"), (.bytePairs, "added_tokens.json"),
    (.bytePairs, "special_tokens_map.json"), (.bytePairs, "tokenizer_config.json"),
    (.bytePairs, "config.json"), (.sentencePiece, "spiece.model"),
    (.sentencePiece, "tokenizer_config.json"),
  ]

  private enum Damage: CaseIterable {
    case pipe, folder, device, outside, broken, circular, pointer

    var reason: String {
      switch self {
      case .pipe, .folder: "not a regular file"
      case .device, .outside: "outside the model directory"
      case .broken: "no such file"
      case .circular: "symbolic links"
      case .pointer: "a Git LFS pointer instead of the file: run `git lfs pull`"
      }
    }

    /// Replaces the file `name`.
    func apply(to name: String, in folder: TemporaryDirectory, secret: String) throws {
      try FileManager.default.removeItem(atPath: folder.path(name))
      switch self {
      case .pipe: _ = try folder.pipe(name)
      case .folder: try folder.makeDirectory(name)
      case .device: try folder.link(name, to: "/dev/zero")
      case .outside: try folder.link(name, to: secret)
      case .broken: try folder.link(name, to: "absent")
      case .circular: try folder.link(name, to: (name as NSString).lastPathComponent)
      case .pointer:
        try folder.write(
          "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n".utf8, to: name)
      }
    }
  }

  @Test(.hangLimit, arguments: files)
  private func `a file that is not a file of the model is refused`(
    model: ModelFolder, name: String
  ) throws {
    for damage in Damage.allCases {
      let folder = try TemporaryDirectory()
      try model.write(to: folder)
      try model.read(folder.path)
      // A valid file outside the model's folder.
      let other = try TemporaryDirectory()
      let secret = try other.write(Data(contentsOf: URL(fileURLWithPath: folder.path(name))))
      try damage.apply(to: name, in: folder, secret: secret)
      let text = failureText { try model.read(folder.path) }
      #expect(
        text.contains("\(name): ") && text.contains(damage.reason), "\(damage): \(text)")
    }
  }
}
