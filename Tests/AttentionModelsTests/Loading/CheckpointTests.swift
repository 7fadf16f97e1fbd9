import Attention
import AttentionModels
import Foundation
import TestSupport
import Testing

@Suite struct CheckpointTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  /// A file with one tensor `name` of shape [2].
  private func file(_ name: String) -> [UInt8] {
    safetensors(
      #"{"\#(name)":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}}"#, data: [0, 0x3C, 0, 0xC0])
  }

  private func writeIndex(_ map: String) throws {
    try directory.write(#"{"weight_map":\#(map)}"#.utf8, to: "model.safetensors.index.json")
  }

  private var failure: String { failureText { try Checkpoint(directory: directory.path) } }

  @Test func `a single file is a checkpoint`() throws {
    try directory.write(file("w"), to: "model.safetensors")
    let checkpoint = try Checkpoint(directory: directory.path)
    #expect(checkpoint.names == ["w"])
    #expect(checkpoint.contains("w") && !checkpoint.contains("v"))
    #expect(try checkpoint.tensor("w", shape: [2]).scalars == [1, -2])
  }

  @Test func `shards are found through their index`() throws {
    let checkpoint = try Checkpoint(directory: Fixtures.path("Safetensors/sharded"))
    #expect(checkpoint.names == ["embedding", "layer.0", "layer.1"])
    #expect(try checkpoint.tensor("embedding").scalars == [-1, -0.75, -0.5, -0.25])
    #expect(try checkpoint.shape(of: "layer.1") == [2, 3])
    #expect(try checkpoint.tensor("layer.1").scalars == [-1, -0.75, -0.5, -0.25, 0, 0.25])
  }

  @Test func `a tensor of another shape is refused with both shapes`() throws {
    try directory.write(file("w"), to: "model.safetensors")
    let text = failureText { try Checkpoint(directory: directory.path).tensor("w", shape: [3, 4]) }
    #expect(text.contains("tensor 'w': expected shape [3, 4], got [2]"))
    #expect(text.hasPrefix(directory.path("model.safetensors")))
  }

  @Test func `a tensor that does not exist is missing`() throws {
    try directory.write(file("w"), to: "model.safetensors")
    let checkpoint = try Checkpoint(directory: directory.path)
    #expect(failureText { try checkpoint.tensor("v") }.contains("missing tensor v"))
    #expect(failureText { try checkpoint.tensor("v", shape: [2]) }.contains("missing tensor v"))
    #expect(failureText { try checkpoint.shape(of: "v") }.contains("missing tensor v"))
  }

  @Test func `an index with a tensor that its shard does not have is refused`() throws {
    try directory.write(file("w"), to: "a.safetensors")
    try writeIndex(#"{"w":"a.safetensors","v":"a.safetensors"}"#)
    #expect(failure.hasPrefix("\(directory.path("a.safetensors")): missing tensor v"))
  }

  @Test func `a missing shard is named`() throws {
    try writeIndex(#"{"w":"a.safetensors"}"#)
    #expect(failure == "\(directory.path("a.safetensors")): no such file")
  }

  @Test(arguments: [
    "../a.safetensors", "/etc/passwd", "sub/a.safetensors", "..", ".", "", "./a.safetensors",
    #"a\u0000.safetensors"#,
  ])
  func `a shard name that is a path is outside the model directory`(name: String) throws {
    try directory.write(file("w"), to: "a.safetensors")
    try writeIndex(#"{"w":"\#(name)"}"#)
    #expect(failure.contains("outside the model directory"))
  }

  @Test(arguments: ["model.safetensors", "a.safetensors"])
  func `a symbolic link out of the directory is refused`(name: String) throws {
    try writeIndex(#"{"w":"a.safetensors"}"#)
    let other = try TemporaryDirectory()
    try directory.link(name, to: other.write(file("w"), to: "secret"))
    #expect(failure.contains("outside the model directory"))
    #expect(failure.hasPrefix(directory.path(name)))
  }

  @Test func `a directory whose name begins like the model's is outside`() throws {
    try directory.write(file("w"), to: "model-other/w")
    try directory.link("model/model.safetensors", to: "../model-other/w")
    let text = failureText { try Checkpoint(directory: directory.path("model")) }
    #expect(text.contains("outside the model directory"))
  }

  @Test func `a symbolic link within the directory is followed`() throws {
    try directory.write(file("w"), to: "weights/w")
    try directory.link("model.safetensors", to: "weights/w")
    #expect(try Checkpoint(directory: directory.path).names == ["w"])
  }

  @Test func `the directory may be a link`() throws {
    try directory.write(file("w"), to: "real/model.safetensors")
    try directory.link("alias", to: "real")
    #expect(try Checkpoint(directory: directory.path("alias")).names == ["w"])
  }

  @Test func `links of a Hub cache to its blobs are accepted`() throws {
    let repository = "hub/models--org--name"
    try directory.write(file("w"), to: "\(repository)/blobs/0123")
    try directory.link("\(repository)/snapshots/abc/model.safetensors", to: "../../blobs/0123")
    let snapshot = directory.path("\(repository)/snapshots/abc")
    #expect(try Checkpoint(directory: snapshot).names == ["w"])
  }

  @Test(arguments: [
    "../../../models--org--other/blobs/0123", "../../blobs-other/0123", "../../refs/0123",
    "../other/0123", "../../blobs/../refs/0123",
  ])
  func `links of a Hub cache to other places are refused`(destination: String) throws {
    let snapshot = "hub/models--org--name/snapshots/abc"
    for other in [
      "models--org--other/blobs", "models--org--name/blobs-other", "models--org--name/refs",
      "models--org--name/snapshots/other",
    ] {
      try directory.write(file("w"), to: "hub/\(other)/0123")
    }
    try directory.makeDirectory("hub/models--org--name/blobs")
    try directory.link("\(snapshot)/model.safetensors", to: destination)
    let text = failureText { try Checkpoint(directory: directory.path(snapshot)) }
    #expect(text.contains("outside the model directory"))
  }

  @Test func `a directory that only looks like a cache has no blobs`() throws {
    try directory.write(file("w"), to: "name/blobs/0123")
    try directory.link("name/snapshots/abc/model.safetensors", to: "../../blobs/0123")
    let text = failureText { try Checkpoint(directory: directory.path("name/snapshots/abc")) }
    #expect(text.contains("outside the model directory"))
  }

  @Test func `a broken or circular link is an error`() throws {
    try directory.link("model.safetensors", to: "absent")
    #expect(failure == "\(directory.path("model.safetensors")): no such file")
    try FileManager.default.removeItem(atPath: directory.path("model.safetensors"))
    try directory.link("model.safetensors", to: "model.safetensors")
    #expect(failure.contains("symbolic links"))
  }

  @Test func `a shard that is a pipe, a link to a device, or a directory is refused`() throws {
    try writeIndex(#"{"w":"a.safetensors"}"#)
    _ = try directory.pipe("a.safetensors")
    #expect(failure.contains("not a regular file"))
    try FileManager.default.removeItem(atPath: directory.path("a.safetensors"))
    try directory.makeDirectory("a.safetensors")
    #expect(failure.contains("not a regular file"))
  }

  @Test(arguments: [
    ("[]", "expected object, got array"), ("1", "expected object, got integer"),
    (#"{"w":1}"#, "expected string, got integer"), (#"{"w":"a","w":"a"}"#, "duplicate key"),
    (#"{"w":"a""#, "JSON"),
  ])
  func `an invalid map is refused`(map: String, reason: String) throws {
    try writeIndex(map)
    #expect(failure.contains(reason))
    #expect(failure.hasPrefix(directory.path("model.safetensors.index.json")))
  }

  @Test func `an index without a map is refused`() throws {
    for (text, reason) in [
      ("{}", "missing key weight_map"), ("[]", "expected object"), ("", "JSON"),
    ] {
      try directory.write(text.utf8, to: "model.safetensors.index.json")
      #expect(failure.contains(reason))
    }
  }

  @Test func `an index with more tensors than any model has is refused`() throws {
    try writeIndex("{" + String(repeating: #""w":"a","#, count: 300_000))
    #expect(failure.contains("too many tensors"))
  }

  @Test func `Git LFS pointers are recognized`() throws {
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"
    try directory.write(pointer.utf8, to: "model.safetensors.index.json")
    #expect(failure.contains("Git LFS pointer"))
    try directory.write(pointer.utf8, to: "model.safetensors")
    #expect(failure.contains("Git LFS pointer"))
  }

  @Test func `a folder that is not a model is refused with the first missing file`() throws {
    #expect(failure == "model \(directory.path): no such file: model.safetensors")
    try directory.write([], to: "pytorch_model.bin")
    #expect(
      failure.contains("pytorch_model.bin is not supported: a pickle can run code; convert it"))
    let absent = directory.path("absent")
    #expect(failureText { try Checkpoint(directory: absent) }.contains("no such file"))
    let file = directory.path("pytorch_model.bin")
    #expect(failureText { try Checkpoint(directory: file) }.contains("not a directory"))
    #expect(failureText { try Checkpoint(directory: "") }.contains("no such file"))
  }
}
