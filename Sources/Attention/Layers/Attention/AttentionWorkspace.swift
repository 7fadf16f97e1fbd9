/// Buffers for the intermediate tensors of an attention layer. Later layers reuse the buffers, so
/// only the first layer allocates memory.
struct AttentionWorkspace {
  /// Q, K and V, `[token, head, dimension]`.
  var queries: Tensor?
  var keys: Tensor?
  var values: Tensor?
  /// The attention output of all heads, `[token, head, dv]`.
  var attentionOutput: Tensor?
}
