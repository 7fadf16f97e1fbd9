// The grid of all heads. Arrow keys choose a head. Figures mark the heads and can sort them.

const FIGURES = {
  entropy: { name: 'entropy', unit: 'bits', digits: 2 },
  distance: { name: 'distance', unit: 'tokens', digits: 1 },
  special: { name: 'special tokens', unit: 'of the weight', digits: 2 },
  rank: { name: 'effective rank', unit: '', digits: 1 },
};
const THUMBNAIL_SIZE = 64;

class GridView {
  constructor(section, state) {
    this.state = state;
    this.figure = '';
    this.order = 'layers';
    this.figureSelect = make('select', { onchange: () => this.arrange() });
    this.orderSelect = make('select', { onchange: () => this.arrange() });
    this.grid = make('div', { class: 'grid', role: 'grid', 'aria-label': 'Heads. Rows are layers.' });
    this.scroller = make('div', { class: 'grid-scroller' }, this.grid);
    this.note = make('p', { class: 'hint' });
    section.append(
      make('div', { class: 'section-head' },
        make('h2', { id: 'heads-heading' }, 'Heads'),
        make('div', { class: 'controls' },
          make('label', {}, 'Figure ', this.figureSelect), make('label', {}, 'Order ', this.orderSelect))),
      this.scroller, this.note);
    this.grid.addEventListener('click', (event) => this.choose(event.target.closest('.cell')));
    this.grid.addEventListener('keydown', (event) => this.onKey(event));
    this.buildMap();
    state.listen((changed) => {
      if (changed.has('map')) this.buildMap();
      else if (changed.has('layer') || changed.has('head')) this.markChosen();
    });
  }

  /** Makes the cells of a map. `arrange` places the cells. */
  buildMap() {
    const map = this.state.attention;
    const names = Object.keys(FIGURES).filter((name) => map.figures[name]);
    const options = names.map((name) => make('option', { value: name }, FIGURES[name].name));
    this.figureSelect.replaceChildren(make('option', { value: '' }, 'none'), ...options);
    this.orderSelect.replaceChildren(
      make('option', { value: 'layers' }, 'by layer'),
      make('option', { value: 'low' }, 'lowest figure first'),
      make('option', { value: 'high' }, 'highest figure first'));
    this.painters?.forEach((painter) => Painter.all.delete(painter));
    this.painters = [];
    this.cells = new Map();
    for (let layer = 0; layer < map.layers; layer += 1) {
      for (let head = MEAN; head < map.heads; head += 1) this.cells.set(`${layer}.${head}`, this.makeCell(layer, head));
    }
    this.arrange();
  }

  makeCell(layer, head) {
    const map = this.state.attention;
    const canvas = make('canvas', { 'aria-hidden': 'true' });
    const caption = make('span', { class: 'cell-caption', 'aria-hidden': 'true' });
    const node = make('div', {
      class: head === MEAN ? 'cell cell-mean' : 'cell', role: 'gridcell', tabindex: -1,
      'data-layer': layer, 'data-head': head, title: headName(layer, head),
    }, canvas, caption);
    this.painters.push(new Painter(canvas, () => drawThumbnail(canvas, map, layer, head)));
    return { node, caption, layer, head };
  }

  /** Places the cells by layer, or all heads in the order of a figure. */
  arrange() {
    const map = this.state.attention;
    this.figure = this.figureSelect.value;
    if (!this.figure) this.orderSelect.value = 'layers';
    this.orderSelect.disabled = !this.figure;
    this.order = this.orderSelect.value;
    this.rows = this.order === 'layers' ? this.layerRows() : this.sortedRows();
    const columns = this.rows[0].length;
    this.grid.style.setProperty('--columns', columns);
    this.grid.classList.toggle('grid-sorted', this.order !== 'layers');
    this.grid.replaceChildren(this.headerRow(columns), ...this.rows.map((cells, row) => make('div', { class: 'grid-row', role: 'row' },
      make('span', { class: 'grid-label', role: 'rowheader' }, this.order === 'layers' ? `${row}` : `${row * columns + 1}.`),
      ...cells.map((cell) => cell.node))));
    const values = map.figures[this.figure];
    this.maximum = values ? Math.max(...values) : 1;
    for (const cell of this.cells.values()) this.caption(cell, values);
    setText(this.note, this.figure
      ? `${GridView.explanation(this.figure)} Bars are relative to the largest value of all heads.`
      : 'Rows are layers, columns are heads; both count from 0. Thumbnails are scaled to fit.');
    this.markChosen();
  }

  static explanation(figure) {
    return {
      entropy: 'Entropy in bits, mean over queries: low for a head that looks at one token.',
      distance: 'Mean distance in tokens between a token and what it attends to.',
      special: 'Share of the weight on special tokens: high for a head that has nothing to do.',
      rank: 'Effective rank of the weights: low if all tokens look at the same tokens.',
    }[figure];
  }

  headerRow(columns) {
    const labels = Array.from({ length: columns }, (_, i) => (this.order !== 'layers' ? ''
      : i === columns - 1 ? 'mean' : `${i}`));
    return make('div', { class: 'grid-row grid-header', role: 'row' },
      make('span', { class: 'grid-label', role: 'columnheader' }, make('span', { class: 'unseen' }, 'Layer')),
      ...labels.map((label) => make('span', { class: 'grid-label', role: 'columnheader' }, label || make('span', { class: 'unseen' }, 'Head'))));
  }

  layerRows() {
    const { layers, heads } = this.state.attention;
    return Array.from({ length: layers }, (_, layer) => [
      ...Array.from({ length: heads }, (_, head) => this.cells.get(`${layer}.${head}`)),
      this.cells.get(`${layer}.${MEAN}`),
    ]);
  }

  sortedRows() {
    const map = this.state.attention;
    const values = map.figures[this.figure];
    const sign = this.order === 'low' ? 1 : -1;
    const order = Array.from({ length: map.layers * map.heads }, (_, i) => i)
      .sort((a, b) => sign * (values[a] - values[b]));
    const cells = order.map((i) => this.cells.get(`${Math.floor(i / map.heads)}.${i % map.heads}`));
    return Array.from({ length: map.layers }, (_, row) => cells.slice(row * map.heads, (row + 1) * map.heads));
  }

  caption(cell, values) {
    const { layer, head } = cell;
    const isMean = head === MEAN;
    const value = values && !isMean ? values[layer * this.state.attention.heads + head] : null;
    const { name, unit, digits } = FIGURES[this.figure] ?? {};
    const number = value == null ? '' : value.toFixed(digits);
    setText(cell.caption, this.order === 'layers' || isMean ? number : `${layer}·${head}`);
    cell.node.style.setProperty('--figure', value == null ? 0 : value / this.maximum);
    cell.node.classList.toggle('cell-marked', value != null);
    const figure = number ? `, ${name} ${number} ${unit}` : '';
    cell.node.setAttribute('aria-label', `${headName(layer, head).replace(' ·', ',')}${figure}`);
    cell.node.title = `${headName(layer, head)}${figure}`;
  }

  /** Numbers the heads of a list, best first, as `[layer, head]`. */
  markRanks(heads) {
    for (const cell of this.cells.values()) delete cell.node.dataset.rank;
    heads.forEach(([layer, head], i) => { this.cells.get(`${layer}.${head}`).node.dataset.rank = i + 1; });
  }

  markChosen() {
    const { layer, head } = this.state;
    if (this.chosen) {
      this.chosen.tabIndex = -1;
      this.chosen.setAttribute('aria-selected', 'false');
    }
    this.chosen = this.cells.get(`${layer}.${head}`).node;
    // The mean of a layer has no figure: it is not in a sorted grid, and the first head can be reached by the keyboard.
    const focusable = this.chosen.isConnected && this.rows.some((row) => row.some((cell) => cell.node === this.chosen))
      ? this.chosen : this.rows[0][0].node;
    focusable.tabIndex = 0;
    this.chosen.setAttribute('aria-selected', 'true');
  }

  choose(node) {
    if (!node) return;
    this.state.set({ layer: Number(node.dataset.layer), head: Number(node.dataset.head) });
  }

  onKey(event) {
    const node = event.target.closest('.cell');
    if (!node) return;
    const row = this.rows.findIndex((cells) => cells.some((cell) => cell.node === node));
    const column = this.rows[row].findIndex((cell) => cell.node === node);
    const target = {
      ArrowRight: [row, column + 1], ArrowLeft: [row, column - 1], ArrowDown: [row + 1, column],
      ArrowUp: [row - 1, column], Home: [row, 0], End: [row, this.rows[row].length - 1],
      Enter: [row, column], ' ': [row, column],
    }[event.key];
    if (!target) return;
    event.preventDefault();
    const next = this.rows[target[0]]?.[target[1]]?.node;
    if (!next) return;
    this.choose(next);
    next.focus();
  }
}

/** Draws a head in at most 64 × 64 pixels. A pixel shows the largest weight of its cells. */
function drawThumbnail(canvas, map, layer, head) {
  const columns = Math.min(map.keys, THUMBNAIL_SIZE);
  const rows = Math.min(map.queries, THUMBNAIL_SIZE);
  const best = new Float32Array(columns * rows);
  const columnOf = Int32Array.from({ length: map.keys }, (_, key) => Math.floor((key * columns) / map.keys));
  const rowOf = Int32Array.from({ length: map.queries }, (_, query) => Math.floor((query * rows) / map.queries));
  const show = (query, key, weight) => {
    const pixel = rowOf[query] * columns + columnOf[key];
    if (weight > best[pixel]) best[pixel] = weight;
  };
  if (head === MEAN) {
    const sums = new Float32Array(map.queries * map.keys);
    map.visit(layer, head, (query, key, weight) => { sums[query * map.keys + key] += weight; });
    sums.forEach((sum, i) => show(Math.floor(i / map.keys), i % map.keys, sum / map.heads));
  } else {
    map.visit(layer, head, show);
  }
  canvas.width = columns;
  canvas.height = rows;
  const context = canvas.getContext('2d');
  const image = context.createImageData(columns, rows);
  const pixels = new Uint32Array(image.data.buffer);
  for (let i = 0; i < pixels.length; i += 1) pixels[i] = theme.heat[heatIndex(best[i])];
  context.putImageData(image, 0, 0);
}
