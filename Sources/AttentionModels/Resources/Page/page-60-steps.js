// The steps from query and key to the output of a head. The stored weight is the truth: no softmax is computed here.

class Steps {
  constructor(data, map) {
    this.map = map;
    this.heads = data.heads;
    this.keyDimension = data.keyDimension;
    this.valueDimension = data.valueDimension;
    this.scale = data.scale;
    this.softcap = data.softcap;
    this.keyHeads = data.keyHeads;
    this.queries = decodeFloats(data.queries);
    this.keys = decodeFloats(data.keys);
    this.values = decodeFloats(data.values);
    this.logSumExp = decodeFloats(data.logSumExp);
  }

  /** The index of a head in the arrays, or −1. */
  entry(layer, head) { return this.heads.findIndex(([l, h]) => l === layer && h === head); }

  query(entry, query) { return Steps.row(this.queries, entry * this.map.queries + query, this.keyDimension); }
  key(entry, key) { return Steps.row(this.keys, this.keyHeads[entry] * this.map.keys + key, this.keyDimension); }
  value(entry, key) { return Steps.row(this.values, this.keyHeads[entry] * this.map.keys + key, this.valueDimension); }

  static row(array, row, size) { return array.subarray(row * size, (row + 1) * size); }

  /**
   * Returns the steps of a query: one row per key, and the output Σ w·v.
   *
   *     product = q·k    scaled = scale · product    capped = c · tanh(scaled / c)    bias = ln w + log Σ exp − capped
   */
  rows(entry, query) {
    const [layer, head] = this.heads[entry];
    const { map } = this;
    const q = this.query(entry, query);
    const softcap = this.softcap[entry];
    const logSumExp = this.logSumExp[entry * map.queries + query];
    const output = new Float32Array(this.valueDimension);
    const rows = [];
    for (let key = 0; key < map.keys; key += 1) {
      const weight = map.at(layer, head, query, key);
      const product = dot(q, this.key(entry, key));
      const scaled = product * this.scale[entry];
      const capped = softcap ? softcap * Math.tanh(scaled / softcap) : scaled;
      const isMasked = map.isMasked(query, key);
      const bias = isMasked || weight === 0 ? null : Math.log(weight) + logSumExp - capped;
      this.value(entry, key).forEach((v, f) => { output[f] += weight * v; });
      rows.push({ key, weight, product, scaled, capped, bias, isMasked, hasBias: this.isBias(bias, capped, weight) });
    }
    const norm = dot(output, output) || 1;
    for (const row of rows) row.share = (row.weight * dot(this.value(entry, row.key), output)) / norm;
    return { rows, output, logSumExp };
  }

  /** A bias counts if it is larger than the rounding of the score and of the stored weight can explain. */
  isBias(bias, score, weight) {
    if (bias === null || weight < 1e-6) return false;
    const tolerance = 1e-4 * Math.max(1, Math.abs(score)) + (2 * this.map.weights.quantum) / weight;
    return Math.abs(bias) > tolerance;
  }
}

function dot(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += a[i] * b[i];
  return sum;
}
