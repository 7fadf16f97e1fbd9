// One head as a heat map: a row for each query, a column for each key. Large maps can be zoomed.

const CELL_LARGEST = 40;
const CELL_LABELLED = 11;
const PLOT_HEIGHT = 620;

class MatrixView {
  constructor(state) {
    this.state = state;
    this.canvas = make('canvas', { role: 'img' });
    this.rowMark = make('div', { class: 'mark mark-row' });
    this.columnMark = make('div', { class: 'mark mark-column' });
    this.cellMark = make('div', { class: 'mark mark-cell' });
    this.plot = make('div', {
      class: 'plot', role: 'group', tabindex: 0, 'aria-label': 'Matrix. Arrow keys move the cell, Enter pins its query.',
    }, this.canvas, this.rowMark, this.columnMark, this.cellMark);
    this.output = make('output', { class: 'reading', 'aria-live': 'polite' });
    this.zoomIn = make('button', { type: 'button', class: 'toggle', onclick: () => this.zoom(2) }, 'Zoom in');
    this.zoomOut = make('button', { type: 'button', class: 'toggle', onclick: () => this.zoom(0.5) }, 'Zoom out');
    this.zoomBox = make('div', { class: 'controls zoom' }, this.zoomIn, this.zoomOut);
    this.node = make('div', { class: 'matrix' }, this.plot, make('div', { class: 'reading-row' }, this.output, this.zoomBox));
    this.cell = null;
    this.resetWindow();
    this.painter = new Painter(this.canvas, () => this.draw());
    this.plot.addEventListener('pointermove', (event) => this.onMove(event));
    this.plot.addEventListener('pointerleave', () => this.point(null));
    this.plot.addEventListener('click', (event) => this.onClick(event));
    this.plot.addEventListener('dblclick', () => this.zoom(2));
    this.plot.addEventListener('keydown', (event) => this.onKey(event));
    new ResizeObserver(() => this.painter.invalidate()).observe(this.node);
  }

  /** The window is the part of the matrix that is shown: first query and key, and their counts. */
  resetWindow() {
    const map = this.state.attention;
    this.window = { query: 0, key: 0, queries: map.queries, keys: map.keys };
    this.cell = null;
  }

  update(changed) {
    if (changed.has('map')) this.resetWindow();
    if (changed.has('map') || changed.has('layer') || changed.has('head')) {
      this.canvas.setAttribute('aria-label', matrixSummary(this.state));
      this.painter.invalidate();
    }
    this.mark();
  }

  /** Sizes of the plot in CSS pixels. */
  layout(context) {
    const map = this.state.attention;
    const { queries, keys } = this.window;
    const width = this.node.clientWidth;
    const isNarrow = width < 460;
    const angle = isNarrow ? Math.PI / 2 : Math.PI / 3.2;
    context.font = `12px ${theme.font}`;
    const limit = isNarrow ? 72 : 110;
    const longest = (labels) => Math.min(limit, Math.max(24, ...labels.map((label) => context.measureText(label).width)));
    const left = longest(map.querySide.labels) + 10;
    const keyLength = longest(map.keySide.labels);
    const top = Math.ceil(keyLength * Math.sin(angle) + 16);
    const right = isNarrow ? 2 : Math.ceil(keyLength * Math.cos(angle));
    const cell = Math.max(0.1, Math.min(CELL_LARGEST, (width - left - right) / keys, PLOT_HEIGHT / queries));
    return { width, left, top, right, angle, limit, cell, height: Math.ceil(top + cell * queries + 2) };
  }

  draw() {
    if (this.node.hidden) return;
    const place = this.layout(this.canvas.getContext('2d'));
    this.place = place;
    const context = prepareCanvas(this.canvas, place.width, place.height);
    if (place.cell >= 4) this.drawCells(context, place); else this.drawPixels(context, place);
    this.drawLabels(context, place);
    const { queries, keys } = this.window;
    const map = this.state.attention;
    const isWhole = queries === map.queries && keys === map.keys;
    this.zoomBox.hidden = isWhole && place.cell >= CELL_LABELLED;
    this.zoomOut.disabled = isWhole;
    this.zoomIn.disabled = place.cell >= 24;
    this.mark();
  }

  drawCells(context, { left, top, cell }) {
    const map = this.state.attention;
    const values = this.state.matrix;
    const gap = cell > 8 ? 1 : 0;
    const edge = (start, i) => Math.round(start + i * cell);
    for (let row = 0; row < this.window.queries; row += 1) {
      for (let column = 0; column < this.window.keys; column += 1) {
        const query = this.window.query + row;
        const key = this.window.key + column;
        if (map.isMasked(query, key)) continue;
        context.fillStyle = theme.css[heatIndex(values[query * map.keys + key])];
        const [x, y] = [edge(left, column), edge(top, row)];
        context.fillRect(x, y, edge(left, column + 1) - x - gap, edge(top, row + 1) - y - gap);
      }
    }
  }

  /** Fills the pixels of the screen directly. A pixel shows the largest weight that touches the pixel. */
  drawPixels(context, { left, top, cell }) {
    const map = this.state.attention;
    const values = this.state.matrix;
    const ratio = window.devicePixelRatio || 1;
    const [columns, rows] = [this.window.keys, this.window.queries].map((n) => Math.ceil(n * cell * ratio));
    const best = new Float32Array(columns * rows);
    const step = cell * ratio;
    for (let row = 0; row < this.window.queries; row += 1) {
      for (let column = 0; column < this.window.keys; column += 1) {
        const weight = values[(this.window.query + row) * map.keys + this.window.key + column];
        if (weight === 0) continue;
        for (let y = Math.floor(row * step); y < (row + 1) * step; y += 1) {
          for (let x = Math.floor(column * step); x < (column + 1) * step; x += 1) {
            const pixel = y * columns + x;
            if (weight > best[pixel]) best[pixel] = weight;
          }
        }
      }
    }
    const image = context.createImageData(columns, rows);
    const pixels = new Uint32Array(image.data.buffer);
    for (let i = 0; i < pixels.length; i += 1) pixels[i] = theme.heat[heatIndex(best[i])];
    context.putImageData(image, Math.round(left * ratio), Math.round(top * ratio));
    context.strokeStyle = theme.rule;
    context.strokeRect(left - 0.5, top - 0.5, columns / ratio + 1, rows / ratio + 1);
  }

  /** Writes the words. If cells are small, only every n-th word has room. */
  drawLabels(context, { left, top, cell, angle, limit }) {
    const map = this.state.attention;
    const every = Math.ceil(CELL_LABELLED / cell);
    context.font = `${Math.min(13, Math.max(10, cell * 0.9))}px ${theme.font}`;
    context.fillStyle = theme.ink;
    context.textBaseline = 'middle';
    context.textAlign = 'right';
    for (let row = 0; row < this.window.queries; row += every) {
      const text = fitText(context, map.querySide.labels[this.window.query + row], limit);
      context.fillText(text, left - 6, top + (row + 0.5) * cell);
    }
    context.textAlign = 'left';
    for (let column = 0; column < this.window.keys; column += every) {
      context.save();
      context.translate(left + (column + 0.5) * cell, top - 6);
      context.rotate(-angle);
      context.fillText(fitText(context, map.keySide.labels[this.window.key + column], limit), 0, 0);
      context.restore();
    }
  }

  /** Places the marks of the cell, or of the active token, with transforms only. */
  mark() {
    if (!this.place) return;
    const { left, top, cell } = this.place;
    const { active, attention: map } = this.state;
    const query = this.cell?.query ?? (active?.side === map.querySide.index ? active.token : null);
    const key = this.cell?.key ?? (active?.side === map.keySide.index ? active.token : null);
    const { window: part } = this;
    const row = query !== null && query >= part.query && query < part.query + part.queries ? query - part.query : null;
    const column = key !== null && key >= part.key && key < part.key + part.keys ? key - part.key : null;
    const set = (node, isShown, x, y, width, height) => {
      node.style.display = isShown ? '' : 'none';
      if (isShown) node.style.cssText = `transform:translate(${x}px,${y}px);width:${width}px;height:${height}px`;
    };
    const size = Math.max(cell, 2);
    set(this.rowMark, row !== null, 0, top + row * cell, left + part.keys * cell, size);
    set(this.columnMark, column !== null, left + column * cell, 0, size, top + part.queries * cell);
    set(this.cellMark, this.cell && row !== null && column !== null, left + column * cell, top + row * cell, size, size);
    setText(this.output, this.cell ? this.cellText() : active ? '' : 'Point at a cell for its weight.');
  }

  cellText() {
    const map = this.state.attention;
    const { query, key } = this.cell;
    const weight = this.state.matrix[query * map.keys + key];
    return `${map.querySide.labels[query]} → ${map.keySide.labels[key]}   ${weightText(map, query, key, weight)}`;
  }

  cellAt(event) {
    if (!this.place) return null;
    const box = this.plot.getBoundingClientRect();
    const column = Math.floor((event.clientX - box.left - this.place.left) / this.place.cell);
    const row = Math.floor((event.clientY - box.top - this.place.top) / this.place.cell);
    if (row < 0 || column < 0 || row >= this.window.queries || column >= this.window.keys) return null;
    return { query: this.window.query + row, key: this.window.key + column };
  }

  onMove(event) { this.point(this.cellAt(event)); }

  /** Chooses a cell. The text view shows the links of its query. */
  point(cell) {
    this.cell = cell;
    this.state.set({ hover: cell ? { side: this.state.attention.querySide.index, token: cell.query } : null });
    this.mark();
  }

  onClick(event) {
    const cell = this.cellAt(event);
    if (cell) this.state.togglePin({ side: this.state.attention.querySide.index, token: cell.query });
  }

  onKey(event) {
    const map = this.state.attention;
    const cell = this.cell ?? { query: this.window.query, key: this.window.key };
    const step = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] }[event.key];
    if (event.key === 'Enter') this.state.togglePin({ side: map.querySide.index, token: cell.query });
    if (event.key === 'Escape') this.state.set({ pin: null });
    if (!step) return;
    event.preventDefault();
    const next = this.cell ? { query: cell.query + step[0], key: cell.key + step[1] } : cell;
    next.query = Math.min(Math.max(0, next.query), map.queries - 1);
    next.key = Math.min(Math.max(0, next.key), map.keys - 1);
    this.showCell(next);
    this.point(next);
  }

  /** Moves the window so that it has the cell. */
  showCell({ query, key }) {
    const part = this.window;
    const move = (start, count, at) => Math.min(Math.max(start, at - count + 1), at);
    const [first, second] = [move(part.query, part.queries, query), move(part.key, part.keys, key)];
    if (first === part.query && second === part.key) return;
    Object.assign(part, { query: first, key: second });
    this.painter.invalidate();
  }

  /** Zooms around the cell, else around the active token, else around the middle. */
  zoom(factor) {
    const { attention: map, active } = this.state;
    const part = this.window;
    const token = active?.token;
    const isQuery = active?.side === map.querySide.index;
    const isKey = active?.side === map.keySide.index;
    const query = this.cell?.query ?? (isQuery ? token : part.query + part.queries / 2);
    const key = this.cell?.key ?? (isKey ? token : part.key + part.keys / 2);
    const fit = (center, count, total) => {
      const size = Math.min(total, Math.max(Math.min(total, 8), Math.round(count / factor)));
      return [Math.round(Math.min(Math.max(0, center - size / 2), total - size)), size];
    };
    [part.query, part.queries] = fit(query, part.queries, map.queries);
    [part.key, part.keys] = fit(key, part.keys, map.keys);
    this.painter.invalidate();
  }
}

/** Returns a sentence about the strongest links of the chosen head, the text alternative of its pictures. */
function matrixSummary(state) {
  const map = state.attention;
  const values = state.matrix;
  const best = largest(values, 5).map((i) => {
    const [query, key] = [Math.floor(i / map.keys), i % map.keys];
    return `${map.querySide.labels[query]} to ${map.keySide.labels[key]} ${values[i].toFixed(3)}`;
  });
  return `${headName(state.layer, state.head).replace(' ·', ',')}: weights of ${map.queries} × ${map.keys} tokens.`
    + ` Strongest: ${best.join('; ')}.`;
}
