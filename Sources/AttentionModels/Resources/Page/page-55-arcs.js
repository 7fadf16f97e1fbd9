// One head as lines between two columns of tokens: queries on the left, keys on the right. The canvas has the height of
// its scroll container and draws the part that is visible, so that 512 tokens need no larger canvas than 12.

const ARC_WEIGHT = 0.02;

class ArcsView {
  constructor(state) {
    this.state = state;
    this.canvas = make('canvas', { role: 'img' });
    this.spacer = make('div', { class: 'arcs-spacer' }, this.canvas);
    this.node = make('div', {
      class: 'arcs', tabindex: 0, role: 'group', 'aria-label': 'Lines from queries, left, to keys, right. Arrow keys move the query.',
    }, this.spacer);
    this.painter = new Painter(this.canvas, () => this.draw());
    this.node.addEventListener('scroll', () => this.painter.invalidate());
    this.node.addEventListener('pointermove', (event) => this.onMove(event));
    this.node.addEventListener('pointerleave', () => state.set({ hover: null }));
    this.node.addEventListener('click', (event) => {
      const token = this.tokenAt(event);
      if (token) state.togglePin(token);
    });
    this.node.addEventListener('keydown', (event) => this.onKey(event));
    new ResizeObserver(() => this.painter.invalidate()).observe(this.node);
  }

  get rowHeight() {
    const rows = Math.max(this.state.attention.queries, this.state.attention.keys);
    return rows > 60 ? 18 : Math.min(30, Math.max(24, 560 / rows));
  }

  update(changed) {
    if (changed.has('map') || changed.has('layer') || changed.has('head')) {
      this.canvas.setAttribute('aria-label', matrixSummary(this.state));
    }
    this.painter.invalidate();
  }

  draw() {
    if (this.node.hidden) return;
    const { attention: map, active } = this.state;
    const rows = Math.max(map.queries, map.keys);
    const total = rows * this.rowHeight + 16;
    this.spacer.style.height = `${total}px`;
    const width = this.spacer.clientWidth;
    const height = Math.min(total, this.node.clientHeight || total);
    const context = prepareCanvas(this.canvas, width, height);
    const column = Math.min(170, Math.max(84, width * 0.26));
    this.place = { column, width };
    const { rowHeight } = this;
    const { scrollTop } = this.node;
    const y = (token) => 8 + (token + 0.5) * rowHeight - scrollTop;
    this.drawLines(context, y, [column + 8, width - column - 8], height);
    context.font = `${this.rowHeight > 20 ? 14 : 12}px ${theme.font}`;
    context.textBaseline = 'middle';
    const label = (side, x, align) => {
      context.textAlign = align;
      for (let token = 0; token < side.count; token += 1) {
        if (y(token) < -20 || y(token) > height + 20) continue;
        const isActive = active && active.side === side.index && active.token === token;
        context.fillStyle = isActive ? (align === 'right' ? theme.to : theme.from) : side.special[token] ? theme.muted : theme.ink;
        context.fillText(fitText(context, side.labels[token], column - 4), x, y(token));
      }
    };
    label(map.querySide, column, 'right');
    label(map.keySide, width - column, 'left');
  }

  /** Lines are as opaque as their weight is large. With an active token, only its lines are drawn. */
  drawLines(context, y, [left, right], height) {
    const { attention: map, matrix: values, active } = this.state;
    const middle = (left + right) / 2;
    const draw = (query, key, colour) => {
      const weight = values[query * map.keys + key];
      if (weight < ARC_WEIGHT) return;
      const [start, end] = [y(query), y(key)];
      if (Math.max(start, end) < 0 || Math.min(start, end) > height) return;
      context.globalAlpha = Math.min(1, weight ** 0.7);
      context.lineWidth = 0.75 + 3 * weight;
      context.strokeStyle = colour;
      context.beginPath();
      context.moveTo(left, start);
      context.bezierCurveTo(middle, start, middle, end, right, end);
      context.stroke();
    };
    if (active) {
      if (active.side === map.keySide.index) {
        for (let query = 0; query < map.queries; query += 1) draw(query, active.token, theme.from);
      }
      if (active.side === map.querySide.index) {
        for (let key = 0; key < map.keys; key += 1) draw(active.token, key, theme.to);
      }
    } else {
      for (let query = 0; query < map.queries; query += 1) {
        for (let key = 0; key < map.keys; key += 1) draw(query, key, theme.to);
      }
    }
    context.globalAlpha = 1;
  }

  /** The token at the pointer: a query in the left half, a key in the right half. */
  tokenAt(event) {
    if (!this.place) return null;
    const map = this.state.attention;
    const box = this.canvas.getBoundingClientRect();
    const side = event.clientX - box.left < this.place.width / 2 ? map.querySide : map.keySide;
    const token = Math.floor((event.clientY - box.top + this.node.scrollTop - 8) / this.rowHeight);
    return token >= 0 && token < side.count ? { side: side.index, token } : null;
  }

  onMove(event) { this.state.set({ hover: this.tokenAt(event) }); }

  onKey(event) {
    const { attention: map, active } = this.state;
    if (event.key === 'Escape') this.state.set({ pin: null });
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const side = active ? this.state.model.sides[active.side] : map.querySide;
    const token = Math.min(Math.max(0, active ? active.token + step : 0), side.count - 1);
    this.state.set({ pin: { side: side.index, token } });
    const y = token * this.rowHeight;
    const { scrollTop, clientHeight } = this.node;
    if (y < scrollTop || y > scrollTop + clientHeight - 2 * this.rowHeight) this.node.scrollTop = y - clientHeight / 2;
  }
}
