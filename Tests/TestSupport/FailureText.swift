/// The text of the error that `body` throws. If it throws none, a text that says so.
package func failureText<Result>(of body: () throws -> Result) -> String {
  do {
    return "no failure, but \(try body())"
  } catch {
    return "\(error)"
  }
}
