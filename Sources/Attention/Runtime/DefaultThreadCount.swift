/// How many threads share the work of a call outside any scope: the processors that this process may
/// use.
package enum DefaultThreadCount {
  package static var value: Int { AvailableProcessors.count }
}
