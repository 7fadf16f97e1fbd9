/// Throws if an argument is not UTF-8: `CommandLine.arguments` has replacement characters in such an
/// argument.
///
/// - Throws: `CLIError.Usage` with the argument's number.
func requireUTF8Arguments() throws {
  for (index, argument) in CommandLine.arguments.enumerated() where argument.contains("\u{FFFD}") {
    guard let bytes = CommandLine.unsafeArgv[index], String(validatingCString: bytes) == nil
    else { continue }
    throw CLIError.Usage("argument \(index): not UTF-8")
  }
}
