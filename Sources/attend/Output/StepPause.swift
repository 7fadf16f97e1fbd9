/// The pause before a step of a lesson.
enum StepPause {
  /// Waits for Enter if standard input is a terminal. At the end of the input, does not wait.
  static func wait() throws {
    guard StandardInput.isTerminal else { return }
    try StandardOutput.flush()
    StandardError.write("\nEnter for the next step: ", terminator: "")
    _ = readLine()
  }
}
