import ArgumentParser
import AttentionModels
import Foundation

/// An unknown command or option in a command line.
struct UnknownName {
  /// The error message, with a similar name if there is one.
  let message: String
  /// The command whose usage is printed with the error.
  let command: any ParsableCommand.Type

  /// The first unknown name of a command line; nil if there is none.
  static func first(in arguments: [String]) -> UnknownName? {
    var rest = arguments[...]
    while rest.first == "help" { rest.removeFirst() }
    var command: any ParsableCommand.Type = Attend.self
    var path: [String] = []
    while !command.configuration.subcommands.isEmpty, let name = rest.first,
      !name.hasPrefix("-")
    {
      guard
        let next = command.configuration.subcommands.first(where: {
          $0.configuration.commandName == name
        })
      else {
        return UnknownName(
          message: message(
            name, kind: path.isEmpty ? "command" : "\(path.joined(separator: " ")) command",
            names: command.configuration.subcommands.compactMap { $0.configuration.commandName }),
          command: command)
      }
      command = next
      path.append(name)
      rest.removeFirst()
    }
    return option(in: rest, options: OptionNames(of: path), command)
  }

  private static func message(_ name: String, kind: String, names: [String]) -> String {
    "Unknown \(kind) '\(printable(name))'"
      + (Suggestion.closest(to: name, among: names).map { ". Did you mean '\($0)'?" }
        ?? ": expected one of \(names.joined(separator: ", "))")
  }

  private static func option(
    in arguments: ArraySlice<String>, options: OptionNames, _ command: any ParsableCommand.Type
  ) -> UnknownName? {
    var rest = arguments
    while let argument = rest.popFirst(), argument != "--" {
      guard argument.hasPrefix("-"), argument != "-" else { continue }
      let name = String(argument.prefix { $0 != "=" })
      if options.flags.contains(name) { continue }
      if options.withValue.contains(name) {
        if name == argument { rest = rest.dropFirst() }
        continue
      }
      var message = "Unknown option '\(printable(name))'"
      if argument.contains(where: \.isWhitespace) || argument.dropFirst().first?.isNumber == true {
        message += ". Put -- before a text that starts with a dash"
      } else if !command.configuration.subcommands.isEmpty {
        message += ". Put options after the command"
      } else if let meant = options.closest(to: name) {
        message += ". Did you mean '\(meant)'?"
      }
      return UnknownName(message: message, command: command)
    }
    return nil
  }
}

/// The options of a command, as the argument parser describes them.
private struct OptionNames {
  /// Options without a value.
  var flags: Set<String> = []
  /// Options with a value. The parser's description does not list `--generate-completion-script`.
  var withValue: Set<String> = ["--generate-completion-script"]

  init(of path: [String]) {
    guard let tool = try? JSONDecoder().decode(Tool.self, from: Data(Attend._dumpHelp().utf8))
    else { return }
    var command = tool.command
    for name in path {
      guard let next = command.subcommands?.first(where: { $0.commandName == name }) else { return }
      command = next
    }
    for argument in command.arguments ?? [] {
      for name in argument.names ?? [] {
        let typed = (name.kind == "long" ? "--" : "-") + name.name
        if argument.kind == "flag" { flags.insert(typed) } else { withValue.insert(typed) }
      }
    }
  }

  /// The option that is closest to a mistyped one; if none is close, an option that shares a word with it.
  func closest(to typed: String) -> String? {
    let names = flags.union(withValue)
      .filter { $0.hasPrefix("--") && !$0.hasPrefix("--generate-") }.sorted()
    func bare(_ name: String) -> String {
      String(name.drop { $0 == "-" }).replacing("_", with: "-")
    }
    let closest =
      Suggestion.closest(to: bare(typed), among: names.map(bare)).map { "--\($0)" }
    guard closest == nil else { return closest }
    let words = Set(bare(typed).split(separator: "-").filter { $0.count >= 4 })
    return names.first { !words.isDisjoint(with: bare($0).split(separator: "-")) }
  }

  private struct Tool: Decodable {
    let command: Command
  }

  private struct Command: Decodable {
    let commandName: String
    let subcommands: [Command]?
    let arguments: [Argument]?
  }

  private struct Argument: Decodable {
    struct Name: Decodable {
      let kind: String
      let name: String
    }
    let kind: String
    let names: [Name]?
  }
}
