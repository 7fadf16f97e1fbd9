/// The number of threads outside of all compute scopes: the processors that this process may use.
package enum DefaultThreadCount {
  package static var value: Int { AvailableProcessors.count }
}
