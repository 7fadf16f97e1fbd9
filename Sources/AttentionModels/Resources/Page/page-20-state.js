// The state of the page: what is chosen, what is under the pointer. Views listen to changes. The hash has the chosen part.

const sameToken = (a, b) => a === b || (a != null && b != null && a.side === b.side && a.token === b.token);

class PageState {
  constructor(model) {
    this.model = model;
    this.map = 0;
    [this.layer, this.head] = PageState.firstHead(model.maps[0]);
    this.view = 'matrix';
    /** The pinned token and the token under the pointer or focus: `{side, token}` or null. */
    this.pin = this.firstPin();
    this.hover = null;
    this.listeners = [];
  }

  /**
   * Returns the head to begin with: one with steps if few have steps, else one that looks far,
   * at few tokens and not at special tokens.
   */
  static firstHead(map) {
    const listed = map.stepData?.heads ?? [];
    if (listed.length > 0 && listed.length < map.layers * map.heads) return listed[0];
    const { distance, entropy, special } = map.figures;
    let best = 0;
    const merit = (i) => ((distance?.[i] ?? 1) * (1 - special[i])) / (1 + entropy[i]);
    for (let i = 1; i < map.layers * map.heads; i += 1) if (merit(i) > merit(best)) best = i;
    return [Math.floor(best / map.heads), best % map.heads];
  }

  /** Returns the query of the strongest link between two ordinary words, so that the page begins with an example. */
  firstPin() {
    const { querySide, keySide } = this.attention;
    let best = { weight: 0, pin: null };
    this.attention.visit(this.layer, this.head, (query, key, weight) => {
      const isOrdinary = !querySide.special[query] && !keySide.special[key]
        && /\p{L}/u.test(querySide.labels[query]) && /\p{L}/u.test(keySide.labels[key]);
      const isSelf = querySide === keySide && querySide.wordOf[query] === keySide.wordOf[key];
      if (isOrdinary && !isSelf && weight > best.weight) best = { weight, pin: { side: querySide.index, token: query } };
    });
    return best.pin;
  }

  get attention() { return this.model.maps[this.map]; }
  get matrix() { return this.attention.matrix(this.layer, this.head); }

  /** The token whose links are shown: the pinned token, else the token under the pointer. */
  get active() { return this.pin ?? this.hover; }

  /** Calls `listener(changed)` after changes, with a set of the names of the changed properties. */
  listen(listener) { this.listeners.push(listener); }

  set(changes) {
    const next = this.valid({ map: this.map, layer: this.layer, head: this.head, ...changes }, changes);
    const changed = new Set();
    for (const [name, value] of Object.entries(next)) {
      const isSame = name === 'pin' || name === 'hover' ? sameToken(this[name], value) : this[name] === value;
      if (!isSame) {
        this[name] = value;
        changed.add(name);
      }
    }
    if (changed.size === 0) return;
    for (const listener of this.listeners) listener(changed);
    if (!changed.has('hover') || changed.size > 1) this.writeHash();
  }

  /** Limits layer and head to the map. A pinned token that is on no side of the map is no longer pinned. */
  valid(next, changes) {
    const maps = this.model.maps;
    next.map = Math.min(Math.max(0, next.map | 0), maps.length - 1);
    const map = maps[next.map];
    next.layer = Math.min(Math.max(0, next.layer | 0), map.layers - 1);
    next.head = Math.min(Math.max(MEAN, next.head | 0), map.heads - 1);
    const pin = 'pin' in changes ? changes.pin : this.pin;
    const side = pin && this.model.sides[pin.side];
    const isKnown = side && (side === map.querySide || side === map.keySide) && pin.token >= 0 && pin.token < side.count;
    next.pin = isKnown ? pin : null;
    if (next.map !== this.map) next.hover = null;
    return next;
  }

  togglePin(token) { this.set({ pin: sameToken(this.pin, token) ? null : token }); }

  writeHash() {
    const parts = [
      `map=${this.map}`, `layer=${this.layer}`, `head=${this.head === MEAN ? 'mean' : this.head}`, `view=${this.view}`,
    ];
    if (this.pin) parts.push(`token=${this.pin.side}.${this.pin.token}`);
    history.replaceState(null, '', `#${parts.join('&')}`);
  }

  readHash() {
    const values = new URLSearchParams(location.hash.slice(1));
    const changes = {};
    for (const name of ['map', 'layer']) if (values.has(name)) changes[name] = Number(values.get(name));
    if (values.has('head')) changes.head = values.get('head') === 'mean' ? MEAN : Number(values.get('head'));
    if (['matrix', 'links'].includes(values.get('view'))) changes.view = values.get('view');
    const token = /^(\d+)\.(\d+)$/.exec(values.get('token') ?? '');
    if (location.hash.length > 1) changes.pin = token ? { side: Number(token[1]), token: Number(token[2]) } : null;
    this.set(changes);
  }
}

/** The links of a token: `to` has its weights on the keys, `from` has the weights of the queries on the token. */
function linksOf(state, token) {
  const map = state.attention;
  const values = state.matrix;
  const links = { to: null, from: null };
  if (!token) return links;
  if (token.side === map.querySide.index) {
    links.to = values.subarray(token.token * map.keys, (token.token + 1) * map.keys);
  }
  if (token.side === map.keySide.index) {
    links.from = new Float32Array(map.queries);
    for (let query = 0; query < map.queries; query += 1) links.from[query] = values[query * map.keys + token.token];
  }
  return links;
}

/** Returns the indices of the largest values, largest first, without zeros. */
function largest(values, count) {
  const best = [];
  for (let i = 0; i < values.length; i += 1) {
    if (values[i] > 0 && (best.length < count || values[i] > values[best[best.length - 1]])) {
      let at = best.length;
      while (at > 0 && values[best[at - 1]] < values[i]) at -= 1;
      best.splice(at, 0, i);
      if (best.length > count) best.pop();
    }
  }
  return best;
}
