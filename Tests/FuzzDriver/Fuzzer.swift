#if FUZZER
  import Foundation
  import Fuzzing

  /// libFuzzer's entry point with a callback.
  @_silgen_name("LLVMFuzzerRunDriver")
  private func runDriver(
    _ argumentCount: UnsafeMutablePointer<Int32>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ callback: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
  ) -> Int32

  enum Fuzzer {
    private static let session: FuzzSession? = {
      let name = ProcessInfo.processInfo.environment["FUZZ_TARGET"] ?? ""
      return FuzzTarget(rawValue: name).flatMap { try? FuzzSession($0) }
    }()

    static func run() throws {
      guard session != nil else {
        FileHandle.standardError.write(Data("FUZZ_TARGET: expected a target\n".utf8))
        exit(2)
      }
      var count = CommandLine.argc
      var arguments = CommandLine.unsafeArgv
      exit(
        runDriver(&count, &arguments) { bytes, count in
          Fuzzer.check(UnsafeBufferPointer(start: bytes, count: count))
          return 0
        })
    }

    /// Ends the process if the result is wrong. libFuzzer then stores the input.
    private static func check(_ input: UnsafeBufferPointer<UInt8>) {
      do {
        _ = try session?.run(Array(input))
      } catch {
        FileHandle.standardError.write(Data("violation: \(error)\n".utf8))
        abort()
      }
    }
  }
#endif
