/// How the calls of a scope are computed: by which backend, on how many threads, from which inputs.
struct Compute: Sendable {
  var backend: Backend
  var threadCount: Int
  var layerInputs = LayerInputs.exact

  /// What holds where nothing else was asked for.
  @TaskLocal static var current = Compute(
    backend: .openBLAS, threadCount: AvailableProcessors.count)

  /// What holds now, with the parts that are given replaced.
  ///
  /// - Throws: `AttentionError.argument` naming "threads" unless the count is at least 1.
  static func adjusted(
    backend: Backend?, threads: Int?, layerInputs: LayerInputs? = nil
  ) throws -> Compute {
    if let threads, threads < 1 {
      throw AttentionError.argument("threads", reason: "expected at least 1, got \(threads)")
    }
    var compute = current
    compute.backend = backend ?? compute.backend
    compute.layerInputs = layerInputs ?? compute.layerInputs
    // More than any machine has make no difference; sums of them must not overflow.
    compute.threadCount = min(threads ?? compute.threadCount, 4096)
    return compute
  }
}

/// Runs `body` with another backend, another number of threads, or other inputs of layers; what is not
/// given stays.
///
/// The choice holds for everything that `body` calls, and in the tasks that it starts, detached ones
/// left out, but nowhere else: two scopes can compute in different ways at the same time.
///
/// ```swift
/// let exact = try withCompute(backend: .reference) { try layer(input) }
/// ```
///
/// - Parameters:
///   - backend: who computes. Default outside any scope: `.openBLAS`.
///   - threads: how many threads share the work of a call. Default outside any scope: the
///     processors that this process may use.
///   - layerInputs: what layers multiply narrow weights with. Default outside any scope: `.exact`.
///   - body: what is to be computed so.
/// - Returns: what `body` returns.
/// - Throws: ``AttentionError/argument(_:reason:)`` naming "threads" unless the count is at least
///   1, and what `body` throws.
public func withCompute<Result>(
  backend: Backend? = nil, threads: Int? = nil, layerInputs: LayerInputs? = nil,
  _ body: () throws -> Result
) throws -> Result {
  try Compute.$current.withValue(
    Compute.adjusted(backend: backend, threads: threads, layerInputs: layerInputs),
    operation: body)
}

/// Runs an asynchronous `body` with another backend, another number of threads, or other inputs of
/// layers; what is not given stays.
///
/// - Parameters:
///   - backend: who computes. Default outside any scope: `.openBLAS`.
///   - threads: how many threads share the work of a call. Default outside any scope: the
///     processors that this process may use.
///   - layerInputs: what layers multiply narrow weights with. Default outside any scope: `.exact`.
///   - isolation: the actor that `body` runs on; the caller's unless given.
///   - body: what is to be computed so.
/// - Returns: what `body` returns.
/// - Throws: ``AttentionError/argument(_:reason:)`` naming "threads" unless the count is at least
///   1, and what `body` throws.
public func withCompute<Result>(
  backend: Backend? = nil, threads: Int? = nil, layerInputs: LayerInputs? = nil,
  isolation: isolated (any Actor)? = #isolation,
  _ body: () async throws -> Result
) async throws -> Result {
  try await Compute.$current.withValue(
    Compute.adjusted(backend: backend, threads: threads, layerInputs: layerInputs),
    operation: body)
}
