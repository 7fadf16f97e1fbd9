import ArgumentParser

/// Whether a file is one text, or has one text per line.
struct LinesOption: ParsableArguments {
  @Flag(help: "Read one text per line of the file.")
  var lines = false
}
