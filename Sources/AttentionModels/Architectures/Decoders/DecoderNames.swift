/// The tensor names of a decoder. The names of layers are relative to their block.
struct DecoderNames: Sendable {
  /// Where the experts are.
  struct Experts: Sendable {
    /// The prefix of router and experts.
    var mixture = "mlp"
    /// The projections of expert i, relative to `experts.i`.
    var projections = FeedForwardNames.llama
  }

  /// The prefix of the tensors in a checkpoint with an output layer.
  var model = "model"
  var tokens = "embed_tokens"
  var outputNorm = "norm"
  /// The names of the output layer; the first one in the checkpoint counts.
  var head = ["lm_head"]

  var projections = AttentionProjectionNames.separate(
    query: "self_attn.q_proj", key: "self_attn.k_proj", value: "self_attn.v_proj")
  var attentionOutput = "self_attn.o_proj"
  var queryNorm = "self_attn.q_norm"
  var keyNorm = "self_attn.k_norm"
  var feedForward = FeedForwardNames.separate(
    up: "mlp.up_proj", gate: "mlp.gate_proj", down: "mlp.down_proj")
  /// The forms of a mixture of experts; the first one in the checkpoint counts.
  var experts = [Experts()]
}
