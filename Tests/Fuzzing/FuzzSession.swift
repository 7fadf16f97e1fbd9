import AttentionCore

/// The result of a parser.
package enum FuzzOutcome: Sendable {
  /// The parsed result, as JSON.
  case accepted(String)
  /// The text of the error.
  case refused(String)
}

/// A result that contradicts the input or itself, or an error of an undocumented type.
package struct FuzzViolation: Error, CustomStringConvertible {
  package let description: String

  init(_ description: String) { self.description = description }

  /// Throws a violation if a condition is false.
  static func unless(
    _ condition: Bool, _ description: @autoclosure () -> String
  ) throws(FuzzViolation) {
    if !condition { throw FuzzViolation(description()) }
  }
}

/// Runs one target with many inputs.
package struct FuzzSession: Sendable {
  private let parser: any FuzzedParser

  package init(_ target: FuzzTarget) throws { parser = try target.parser() }

  /// Parses an input.
  ///
  /// - Throws: `FuzzViolation` if the result is wrong.
  package func run(_ bytes: [UInt8]) throws(FuzzViolation) -> FuzzOutcome {
    do {
      return .accepted(try parser.parse(bytes))
    } catch let error as ModelError {
      return .refused("\(error)")
    } catch let error as AttentionError {
      return .refused("\(error)")
    } catch let error as FuzzViolation {
      throw error
    } catch {
      throw FuzzViolation("an error of type \(type(of: error)): \(error)")
    }
  }
}
