import ArgumentParser

@main
struct Attend: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "attend",
    abstract: "Self-attention, and the models built on it, from the command line.")
}
