/// The settings of a compute scope.
struct Compute: Sendable {
  var backend: Backend
  var threadCount: Int
  var layerInputs = LayerInputs.exact
  /// Whether the bits of a sequence must not depend on its batch; see `withCompute`.
  var isReproducible = false

  /// The settings of the current scope.
  @TaskLocal static var current = Compute(
    backend: .openBLAS, threadCount: AvailableProcessors.count)

  /// The current settings with the given ones replaced.
  ///
  /// - Throws: `AttentionError.argument` naming "threads" if the number is less than 1.
  static func adjusted(
    backend: Backend?, threads: Int?, layerInputs: LayerInputs? = nil, reproducible: Bool? = nil
  ) throws -> Compute {
    if let threads, threads < 1 {
      throw AttentionError.argument("threads", reason: "expected at least 1, got \(threads)")
    }
    var compute = current
    compute.backend = backend ?? compute.backend
    compute.layerInputs = layerInputs ?? compute.layerInputs
    compute.isReproducible = reproducible ?? compute.isReproducible
    // The limit is far above useful numbers of threads, and prevents overflow in sums of thread
    // counts.
    compute.threadCount = min(threads ?? compute.threadCount, 4096)
    return compute
  }
}

/// Runs `body` with other settings: backend, number of threads, activation precision,
/// reproducibility. Settings that are not given do not change.
///
/// The settings apply to everything that `body` calls, and to the tasks that it starts, except
/// detached tasks. Other scopes can use other settings at the same time.
///
/// ```swift
/// let exact = try withCompute(backend: .reference) { try layer(input) }
/// ```
///
/// - Parameters:
///   - backend: the compute backend. Default outside of all scopes: `.openBLAS`.
///   - threads: the number of threads. Default outside of all scopes: the processors that this
///     process may use.
///   - layerInputs: the activation precision of layers with quantized weights. Default outside of
///     all scopes: `.exact`.
///   - reproducible: whether the bits of a sequence must not depend on the other sequences of its
///     batch, on its place in it, or on the number of threads. This holds without it except for few
///     rows and some products; see <doc:Backends-and-threads>. Layers of one to four rows become
///     slower. Default outside of all scopes: false.
///   - body: the function to run.
/// - Returns: the result of `body`.
/// - Throws: ``AttentionError/argument(_:reason:)`` naming "threads" if the number is less than 1;
///   rethrows errors of `body`.
public func withCompute<Result>(
  backend: Backend? = nil, threads: Int? = nil, layerInputs: LayerInputs? = nil,
  reproducible: Bool? = nil,
  _ body: () throws -> Result
) throws -> Result {
  try Compute.$current.withValue(
    Compute.adjusted(
      backend: backend, threads: threads, layerInputs: layerInputs, reproducible: reproducible),
    operation: body)
}

/// Runs an asynchronous `body` with other settings: backend, number of threads, activation
/// precision, reproducibility. Settings that are not given do not change.
///
/// - Parameters:
///   - backend: the compute backend. Default outside of all scopes: `.openBLAS`.
///   - threads: the number of threads. Default outside of all scopes: the processors that this
///     process may use.
///   - layerInputs: the activation precision of layers with quantized weights. Default outside of
///     all scopes: `.exact`.
///   - reproducible: whether the bits of a sequence must not depend on the other sequences of its
///     batch, on its place in it, or on the number of threads. This holds without it except for few
///     rows and some products; see <doc:Backends-and-threads>. Layers of one to four rows become
///     slower. Default outside of all scopes: false.
///   - isolation: the actor that `body` runs on. Default: the caller's actor.
///   - body: the function to run.
/// - Returns: the result of `body`.
/// - Throws: ``AttentionError/argument(_:reason:)`` naming "threads" if the number is less than 1;
///   rethrows errors of `body`.
public func withCompute<Result>(
  backend: Backend? = nil, threads: Int? = nil, layerInputs: LayerInputs? = nil,
  reproducible: Bool? = nil,
  isolation: isolated (any Actor)? = #isolation,
  _ body: () async throws -> Result
) async throws -> Result {
  try await Compute.$current.withValue(
    Compute.adjusted(
      backend: backend, threads: threads, layerInputs: layerInputs, reproducible: reproducible),
    operation: body)
}
