/// A benchmark that cannot run as requested: a usage error of the command line.
package struct BenchError: Error, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}
