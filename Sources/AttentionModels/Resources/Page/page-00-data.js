'use strict';

// Reading the data of the page. Arrays are base64 of little-endian numbers. Each array is decoded once, when a view
// needs it first.

/** The head number that stands for the mean over all heads of a layer. */
const MEAN = -1;

/** Returns the bytes of a base64 text. */
function decodeBase64(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i += 1) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

const decodeFloats = (text) => new Float32Array(decodeBase64(text).buffer);
const decodeUInt16 = (text) => new Uint16Array(decodeBase64(text).buffer);
const decodeUInt32 = (text) => new Uint32Array(decodeBase64(text).buffer);

/** All weights of a map, [layer][head][query][key]. */
class DenseWeights {
  constructor(data, shape) {
    this.shape = shape;
    this.threshold = 0;
    this.values = decodeFloats(data.data);
  }

  /** Calls `visit(key, weight)` for each stored weight of a row that is not 0. */
  visitRow(layer, head, query, visit) {
    const { heads, queries, keys } = this.shape;
    const start = ((layer * heads + head) * queries + query) * keys;
    for (let key = 0; key < keys; key += 1) {
      const weight = this.values[start + key];
      if (weight > 0) visit(key, weight);
    }
  }

  at(layer, head, query, key) {
    const { heads, queries, keys } = this.shape;
    return this.values[((layer * heads + head) * queries + query) * keys + key];
  }

  /** The largest rounding error of a stored weight. */
  get quantum() { return 0; }
}

/** The weights of a map that reach a threshold, row after row with ascending keys. */
class SparseWeights {
  constructor(data, shape) {
    this.shape = shape;
    this.threshold = data.threshold;
    this.keys = decodeUInt16(data.keys);
    this.values = decodeUInt16(data.values);
    const counts = decodeUInt16(data.counts);
    this.starts = new Uint32Array(counts.length + 1);
    for (let row = 0; row < counts.length; row += 1) this.starts[row + 1] = this.starts[row] + counts[row];
  }

  visitRow(layer, head, query, visit) {
    const row = (layer * this.shape.heads + head) * this.shape.queries + query;
    const end = this.starts[row + 1];
    for (let i = this.starts[row]; i < end; i += 1) visit(this.keys[i], this.values[i] / 65535);
  }

  /** Returns the weight, or 0 if it is below the threshold. */
  at(layer, head, query, key) {
    const row = (layer * this.shape.heads + head) * this.shape.queries + query;
    let low = this.starts[row];
    let high = this.starts[row + 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.keys[middle] < key) low = middle + 1; else high = middle;
    }
    return low < this.starts[row + 1] && this.keys[low] === key ? this.values[low] / 65535 : 0;
  }

  get quantum() { return 0.5 / 65535; }
}

/** One attention map of the model: the weights, figures and steps of all heads. */
class AttentionMap {
  constructor(data, sides) {
    this.kind = data.kind;
    this.layers = data.layers;
    this.heads = data.heads;
    this.isCausal = data.isCausal;
    this.querySide = sides[data.queries];
    this.keySide = sides[data.keys];
    this.stepData = data.steps;
    this.weightData = data.weights;
    this.figures = {};
    for (const [name, text] of Object.entries(data.figures)) if (text) this.figures[name] = decodeFloats(text);
  }

  get queries() { return this.querySide.count; }
  get keys() { return this.keySide.count; }

  get weights() {
    if (!this.decoded) {
      const shape = { heads: this.heads, queries: this.queries, keys: this.keys };
      this.decoded = this.weightData.type === 'dense'
        ? new DenseWeights(this.weightData, shape) : new SparseWeights(this.weightData, shape);
      this.weightData = null;
    }
    return this.decoded;
  }

  get threshold() { return this.weights.threshold; }

  /** The steps of the heads for which the data has steps, or null. */
  get steps() {
    if (this.stepData) {
      this.decodedSteps = new Steps(this.stepData, this);
      this.stepData = null;
    }
    return this.decodedSteps ?? null;
  }

  /** Returns the weight of one pair; 0 stands for a weight below the threshold. */
  at(layer, head, query, key) {
    if (head !== MEAN) return this.weights.at(layer, head, query, key);
    let sum = 0;
    for (let h = 0; h < this.heads; h += 1) sum += this.weights.at(layer, h, query, key);
    return sum / this.heads;
  }

  /** Calls `visit(query, key, weight)` for the stored weights of a head, or of all heads for `MEAN`. */
  visit(layer, head, visit) {
    const first = head === MEAN ? 0 : head;
    const last = head === MEAN ? this.heads - 1 : head;
    for (let h = first; h <= last; h += 1) {
      for (let query = 0; query < this.queries; query += 1) {
        this.weights.visitRow(layer, h, query, (key, weight) => visit(query, key, weight));
      }
    }
  }

  /** Returns the weights of a head as [query][key]. The result is kept until the next call for another head. */
  matrix(layer, head) {
    if (this.kept?.layer === layer && this.kept.head === head) return this.kept.values;
    const values = new Float32Array(this.queries * this.keys);
    const factor = head === MEAN ? 1 / this.heads : 1;
    this.visit(layer, head, (query, key, weight) => { values[query * this.keys + key] += weight * factor; });
    this.kept = { layer, head, values };
    return values;
  }

  isMasked(query, key) { return this.isCausal && key > query; }
}

/** Reads the data element of the page. */
function readModel(text) {
  const data = JSON.parse(text);
  const sides = data.sides.map((side, index) => new Side(side, index));
  return {
    title: data.title,
    generator: data.generator,
    sides,
    maps: data.maps.map((map) => new AttentionMap(map, sides)),
    states: (data.states ?? []).map((state) => new VectorStates(state, sides[state.side])),
    readout: data.readout ? new Readout(data.readout, sides[data.readout.side]) : null,
  };
}
