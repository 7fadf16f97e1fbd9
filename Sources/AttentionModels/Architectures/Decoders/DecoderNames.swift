/// The tensor names of a decoder. The names of layers are relative to their block.
struct DecoderNames: Sendable {
  /// Where the query, key and value projections are.
  enum Projections: Sendable {
    case separate(query: String, key: String, value: String)
    /// In one matrix: all queries, then all keys, then all values.
    case joined(String)
    /// In one matrix: query, key and value of head 0, then of head 1, ….
    case interleaved(String)
  }

  /// Where the projections of a feed-forward layer are.
  enum FeedForwardProjections: Sendable {
    /// `gate` is nil for a layer without a gate.
    case separate(up: String, gate: String?, down: String)
    /// Gate and up projection in one matrix, in this order.
    case joined(gateAndUp: String, down: String)
  }

  /// Where the experts are.
  struct Experts: Sendable {
    /// The prefix of router and experts.
    var mixture = "mlp"
    /// The projections of expert i, relative to `experts.i`.
    var up = "up_proj"
    var gate = "gate_proj"
    var down = "down_proj"
  }

  /// The prefix of the tensors in a checkpoint with an output layer.
  var model = "model"
  var tokens = "embed_tokens"
  var outputNorm = "norm"
  /// The names of the output layer; the first one in the checkpoint counts.
  var head = ["lm_head"]

  var projections = Projections.separate(
    query: "self_attn.q_proj", key: "self_attn.k_proj", value: "self_attn.v_proj")
  var attentionOutput = "self_attn.o_proj"
  var queryNorm = "self_attn.q_norm"
  var keyNorm = "self_attn.k_norm"
  var feedForward = FeedForwardProjections.separate(
    up: "mlp.up_proj", gate: "mlp.gate_proj", down: "mlp.down_proj")
  /// The forms of a mixture of experts; the first one in the checkpoint counts.
  var experts = [Experts()]
}
