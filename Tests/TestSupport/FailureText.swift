/// The text of the error that `body` throws; "no failure, but …" if `body` returns a result.
package func failureText<Result>(of body: () throws -> Result) -> String {
  do {
    return "no failure, but \(try body())"
  } catch {
    return "\(error)"
  }
}
