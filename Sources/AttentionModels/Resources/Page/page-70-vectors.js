// The contextual vectors in two principal components, one picture per layer. Equal words have one colour and a line.

const GROUP_COLOURS = 8;
const LINE_GROUP = 4;

/** The points of one side. Layer 0 has the embeddings, layer n the output of block n − 1. */
class VectorStates {
  constructor(data, side) {
    this.side = side;
    this.layers = data.layers;
    this.explained = data.explained;
    this.pointData = data.points;
    this.groups = VectorStates.groups(side);
  }

  get points() {
    this.decoded ??= decodeFloats(this.pointData);
    return this.decoded;
  }

  point(layer, token) {
    const at = (layer * this.side.count + token) * 2;
    return [this.points[at], this.points[at + 1]];
  }

  /** Tokens with the same letters, case ignored. Punctuation and special tokens form no group. Largest group first. */
  static groups(side) {
    const byText = new Map();
    side.labels.forEach((label, token) => {
      if (side.special[token] || !/[\p{L}\p{N}]/u.test(label)) return;
      const text = label.toLowerCase();
      if (!byText.has(text)) byText.set(text, []);
      byText.get(text).push(token);
    });
    return [...byText].filter(([, tokens]) => tokens.length > 1).map(([text, tokens]) => ({ text, tokens }))
      .sort((a, b) => b.tokens.length - a.tokens.length);
  }

  /** The frame of a layer. Points far outside, such as a first token with a huge vector, do not stretch the frame. */
  frame(layer) {
    const all = Array.from({ length: this.side.count }, (_, token) => this.point(layer, token));
    const middle = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
    const center = [middle(all.map((p) => p[0])), middle(all.map((p) => p[1]))];
    const distances = all.map((p) => Math.hypot(p[0] - center[0], p[1] - center[1]));
    const limit = 5 * middle(distances) || Infinity;
    const near = all.filter((_, i) => distances[i] <= limit);
    const range = (axis) => [Math.min(...near.map((p) => p[axis])), Math.max(...near.map((p) => p[axis]))];
    return { x: range(0), y: range(1) };
  }

  /** The mean distance between the tokens of a group, relative to the mean distance between all tokens. */
  spread(layer, tokens) {
    const mean = (list) => {
      let sum = 0;
      let pairs = 0;
      for (let i = 0; i < list.length; i += 1) {
        for (let j = i + 1; j < list.length; j += 1) {
          const [a, b] = [this.point(layer, list[i]), this.point(layer, list[j])];
          sum += Math.hypot(a[0] - b[0], a[1] - b[1]);
          pairs += 1;
        }
      }
      return sum / pairs;
    };
    const ordinary = this.side.labels.map((_, token) => token).filter((token) => !this.side.special[token]);
    this.means ??= [];
    this.means[layer] ??= mean(ordinary) || 1;
    return mean(tokens) / this.means[layer];
  }
}
