import ArgumentParser

/// Whether a file is one text, or has one text per line.
struct LinesOption: ParsableArguments {
  @Flag(help: "Each line of the file is a text.")
  var lines = false
}
