// The scatter plot of contextual vectors with its slider, and the list of words that occur more than once.

const GROUP_ROWS = 8;
const MOVE_TIME = 260;
const LABELS = 70;
/** Above this number of tokens, only the largest groups have a colour, one for each. */
const CROWD = 100;

class VectorsView {
  constructor(section, state) {
    this.state = state;
    this.states = state.model.states[0];
    this.layer = 0;
    this.canvas = make('canvas', { role: 'img' });
    this.node = make('div', { class: 'scatter' }, this.canvas);
    this.slider = make('input', { type: 'range', min: 0, step: 1, oninput: () => this.move(Number(this.slider.value)) });
    this.layerText = make('output', { class: 'layer-text' });
    this.sides = make('div', { class: 'segments', role: 'radiogroup', 'aria-label': 'Text', hidden: state.model.states.length < 2 });
    makeSegments(this.sides, state.model.states.map((states, i) => [i, states.side.title]), (i) => this.chooseSide(Number(i)));
    this.list = make('ol', { class: 'groups' });
    this.hint = make('p', { class: 'hint' });
    section.append(
      make('div', { class: 'section-head' }, make('h2', { id: 'vectors-heading' }, 'Contextual vectors'),
        make('div', { class: 'controls' }, this.sides)),
      make('label', { class: 'slider' }, make('span', {}, 'Layer'), this.slider, this.layerText),
      make('div', { class: 'vector-columns' }, this.node,
        make('div', { class: 'group-box' }, make('h3', {}, 'Words that occur more than once'), this.list, this.hint)));
    this.painter = new Painter(this.canvas, () => this.draw());
    this.canvas.addEventListener('pointermove', (event) => this.onMove(event));
    this.canvas.addEventListener('pointerleave', () => state.set({ hover: null }));
    this.canvas.addEventListener('click', () => { if (state.hover) state.togglePin(state.hover); });
    new ResizeObserver(() => this.painter.invalidate()).observe(this.node);
    state.listen((changed) => { if (changed.has('hover') || changed.has('pin')) this.painter.invalidate(); });
    this.chooseSide(0);
  }

  chooseSide(index) {
    this.states = this.state.model.states[index];
    markSegment(this.sides, index);
    this.slider.max = this.states.layers - 1;
    this.colours = new Map();
    const isCrowded = this.states.side.count > CROWD;
    const coloured = isCrowded ? this.states.groups.slice(0, GROUP_COLOURS) : this.states.groups;
    coloured.forEach((group, i) => group.tokens.forEach((token) => this.colours.set(token, i % GROUP_COLOURS)));
    this.layer = this.states.layers - 1;
    this.slider.value = this.layer;
    this.positions = null;
    this.showLayer();
    this.painter.invalidate();
  }

  showLayer() {
    const { layer, states } = this;
    const text = layer === 0 ? 'embeddings' : `after layer ${layer - 1}`;
    setText(this.layerText, text);
    this.slider.setAttribute('aria-valuetext', text);
    const [x, y] = states.explained;
    const name = `Map of ${states.side.count} vectors, ${text}`;
    const rows = states.groups.slice(0, GROUP_ROWS)
      .map((group) => ({ ...group, spread: states.spread(layer, group.tokens), first: states.spread(0, group.tokens) }));
    this.canvas.setAttribute('aria-label', `${name}. ${rows.map((row) => `${row.text}: distance ${row.spread.toFixed(2)}`).join('; ')}`);
    this.list.replaceChildren(...rows.map((row, i) => {
      const bar = makeBar('group');
      bar.style.setProperty('--bar', `var(--group-${i % GROUP_COLOURS})`);
      setBar(bar, row.spread / 2);
      return make('li', {}, make('span', { class: 'link-name' }, `${row.text} × ${row.tokens.length}`), bar,
        make('span', { class: 'number' }, row.spread.toFixed(2)));
    }));
    const axes = explainedText(x, y);
    setText(this.hint, rows.length === 0 ? `No word occurs twice in this text. ${axes}`
      : `Mean distance between the occurrences; 1 is the mean distance between all words. ${axes}`);
  }

  /** Moves the points to another layer, at once if the reader prefers less motion. */
  move(layer) {
    this.layer = layer;
    this.showLayer();
    const isCalm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    this.start = isCalm || !this.positions ? null : { time: performance.now(), positions: this.positions };
    this.painter.invalidate();
  }

  /** Returns the place of each token in the picture. Points outside the frame are at its border. */
  target(width, height) {
    const { x, y } = this.states.frame(this.layer);
    const [left, right, edge] = [36, Math.min(110, width * 0.2), 30];
    const [spanX, spanY] = [x[1] - x[0] || 1, y[1] - y[0] || 1];
    const scale = Math.min((width - left - right) / spanX, (height - 2 * edge) / spanY);
    const [offsetX, offsetY] = [(width - left - right - spanX * scale) / 2, (height - 2 * edge - spanY * scale) / 2];
    return Array.from({ length: this.states.side.count }, (_, token) => {
      const point = this.states.point(this.layer, token);
      const at = [left + offsetX + (point[0] - x[0]) * scale, edge + offsetY + (y[1] - point[1]) * scale];
      const inside = [Math.min(Math.max(10, at[0]), width - 10), Math.min(Math.max(10, at[1]), height - 10)];
      return { x: inside[0], y: inside[1], isOutside: Math.abs(at[0] - inside[0]) + Math.abs(at[1] - inside[1]) > 30 };
    });
  }

  draw() {
    const width = this.node.clientWidth;
    const height = Math.min(460, Math.max(320, width * 0.6));
    const context = prepareCanvas(this.canvas, width, height);
    const target = this.target(width, height);
    const progress = this.start ? Math.min(1, (performance.now() - this.start.time) / MOVE_TIME) : 1;
    const ease = 1 - (1 - progress) ** 3;
    this.positions = target.map((point, i) => {
      const from = this.start?.positions[i] ?? point;
      return { ...point, x: from.x + (point.x - from.x) * ease, y: from.y + (point.y - from.y) * ease };
    });
    if (progress < 1) requestAnimationFrame(() => this.painter.invalidate()); else this.start = null;
    const { active } = this.state;
    const chosen = active?.side === this.states.side.index ? active.token : -1;
    this.drawLines(context, chosen);
    this.drawPoints(context, chosen);
    this.drawLabels(context, chosen, width, height);
  }

  colour(token) { return this.colours.has(token) ? theme.groups[this.colours.get(token)] : theme.muted; }

  drawLines(context, chosen) {
    context.lineWidth = 1.25;
    for (const { tokens } of this.states.groups) {
      const isChosen = tokens.includes(chosen);
      if (tokens.length > LINE_GROUP && !isChosen) continue;
      context.globalAlpha = isChosen ? 0.9 : 0.45;
      context.strokeStyle = this.colour(tokens[0]);
      context.beginPath();
      tokens.forEach((token) => context.lineTo(this.positions[token].x, this.positions[token].y));
      context.stroke();
    }
    context.globalAlpha = 1;
  }

  drawPoints(context, chosen) {
    const group = this.states.groups.find(({ tokens }) => tokens.includes(chosen));
    this.positions.forEach((point, token) => {
      // The group of the chosen token stands out from the other points.
      context.globalAlpha = group && !group.tokens.includes(token) ? 0.4 : 1;
      const isGrouped = this.colours.has(token);
      context.beginPath();
      context.arc(point.x, point.y, token === chosen ? 6 : isGrouped ? 4.5 : 3, 0, 7);
      context.fillStyle = point.isOutside ? theme.paper : this.colour(token);
      context.strokeStyle = token === chosen ? theme.ink : this.colour(token);
      context.fill();
      if (point.isOutside || token === chosen) context.stroke();
    });
    context.globalAlpha = 1;
  }

  /** Writes labels where they overlap no other label: the chosen token first, then repeated words, then the rest. */
  drawLabels(context, chosen, width, height) {
    const side = this.states.side;
    const order = this.positions.map((_, token) => token)
      .sort((a, b) => (b === chosen) - (a === chosen) || this.colours.has(b) - this.colours.has(a));
    const taken = [];
    context.textBaseline = 'middle';
    context.textAlign = 'left';
    context.lineWidth = 3;
    context.lineJoin = 'round';
    context.strokeStyle = theme.paper;
    for (const token of order) {
      if (taken.length === LABELS) break;
      const { x, y } = this.positions[token];
      context.font = `${token === chosen ? '600 14px' : this.colours.has(token) ? '13px' : '12px'} ${theme.font}`;
      const text = fitText(context, side.labels[token], 120);
      const size = context.measureText(text).width;
      const places = [[x + 8, y], [x - size - 8, y], [x - size / 2, y - 13], [x - size / 2, y + 13]];
      const free = places.map(([left, middle]) => ({ left, right: left + size, top: middle - 8, bottom: middle + 8 }))
        .find((box) => box.left > 0 && box.right < width && box.top > 0 && box.bottom < height
          && !taken.some((other) => box.left < other.right && box.right > other.left && box.top < other.bottom && box.bottom > other.top));
      if (!free && token !== chosen) continue;
      const box = free ?? { left: Math.min(x + 8, width - size), right: x + size, top: y - 8, bottom: y + 8 };
      taken.push(box);
      context.strokeText(text, box.left, box.top + 8);
      context.fillStyle = this.colours.has(token) ? this.colour(token) : side.special[token] ? theme.muted : theme.ink;
      context.fillText(text, box.left, box.top + 8);
    }
  }

  onMove(event) {
    if (!this.positions) return;
    const box = this.canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    let best = -1;
    let distance = 24;
    this.positions.forEach((point, token) => {
      const d = Math.hypot(point.x - x, point.y - y);
      if (d < distance) [best, distance] = [token, d];
    });
    this.state.set({ hover: best < 0 ? null : { side: this.states.side.index, token: best } });
  }
}

function explainedText(x, y) {
  return `The axes are the first two principal components: ${percent(x)} and ${percent(y)} of the variance.`;
}
