/// The text of the error that `body` throws, to look for words in; says so when it throws none.
package func failureText<Result>(of body: () throws -> Result) -> String {
  do {
    return "no failure, but \(try body())"
  } catch {
    return "\(error)"
  }
}
