// The most probable next token after each layer, as a table of tokens and layers.

const READOUT_ROWS = 32;

class Readout {
  constructor(data, side) {
    Object.assign(this, { side, layers: data.layers, count: data.count, tokens: data.tokens });
    this.data = data;
  }

  /** The choices of a token after a layer, most probable first: `{text, probability}`. */
  choices(layer, token) {
    this.indices ??= decodeUInt32(this.data.choices);
    this.probabilities ??= decodeFloats(this.data.probabilities);
    const start = (layer * this.side.count + token) * this.count;
    return Array.from({ length: this.count }, (_, i) => ({
      text: visibleToken(this.tokens[this.indices[start + i]]), probability: this.probabilities[start + i],
    }));
  }
}

/** Makes white space visible, because a token may be a space or a line break. */
function visibleToken(text) {
  const visible = text.replace(/\n/g, '↵').replace(/\t/g, '⇥');
  return visible.trim() === '' ? visible.replace(/ /g, '␣') || '∅' : visible.trim();
}

class ReadoutView {
  constructor(section, state) {
    this.state = state;
    this.readout = state.model.readout;
    this.first = 0;
    // Without the embeddings, column n is layer n.
    this.hasEmbeddings = this.readout.layers > state.model.maps.find((map) => map.querySide === this.readout.side).layers;
    section.hidden = false;
    this.table = make('table', { class: 'readout-table', role: 'grid', 'aria-label': 'Most probable next token' });
    this.title = make('h3');
    this.list = make('ol', { class: 'choices' });
    this.previous = make('button', { type: 'button', class: 'toggle', onclick: () => this.page(-1) }, 'Previous tokens');
    this.next = make('button', { type: 'button', class: 'toggle', onclick: () => this.page(1) }, 'Next tokens');
    this.pages = make('div', { class: 'controls' }, this.previous, this.next);
    section.append(
      make('div', { class: 'section-head' }, make('h2', { id: 'readout-heading' }, 'Next token after each layer'), this.pages),
      make('p', { class: 'hint' }, 'Each row is a token of the text. A cell has the token that is most probable next if the model stopped after this layer; the shade is its probability.'),
      make('div', { class: 'readout-columns' },
        make('div', { class: 'readout-scroller', role: 'group', tabindex: 0, 'aria-label': 'Next tokens' }, this.table),
        make('div', { class: 'choice-box', role: 'group', 'aria-label': 'Most probable tokens of the cell' }, this.title, this.list)));
    this.table.addEventListener('pointerover', (event) => this.detail(event.target.closest('td')));
    this.table.addEventListener('focusin', (event) => this.detail(event.target.closest('td')));
    this.table.addEventListener('keydown', (event) => this.onKey(event));
    this.fill();
    state.listen((changed) => { if (changed.has('pin')) this.showPin(); });
  }

  layerName(column) {
    if (!this.hasEmbeddings) return `${column}`;
    return column === 0 ? 'emb.' : `${column - 1}`;
  }

  fill() {
    const { side, layers } = this.readout;
    const last = Math.min(side.count, this.first + READOUT_ROWS);
    this.pages.hidden = side.count <= READOUT_ROWS;
    this.previous.disabled = this.first === 0;
    this.next.disabled = last === side.count;
    const columns = Array.from({ length: layers }, (_, layer) => layer);
    const rows = [];
    for (let token = this.first; token < last; token += 1) {
      rows.push(make('tr', { role: 'row' },
        make('th', { scope: 'row', role: 'rowheader' }, side.labels[token]),
        ...columns.map((layer) => this.cell(layer, token))));
    }
    this.table.replaceChildren(
      make('thead', { role: 'rowgroup' }, make('tr', { role: 'row' }, make('th', { scope: 'col', role: 'columnheader' }, 'Token'),
        ...columns.map((layer) => make('th', { scope: 'col', role: 'columnheader' }, this.layerName(layer))))),
      make('tbody', { role: 'rowgroup' }, ...rows));
    const start = this.table.querySelector('tbody tr:last-child td:last-child');
    start.tabIndex = 0;
    this.detail(start);
    this.showPin();
  }

  cell(layer, token) {
    const [{ text, probability }] = this.readout.choices(layer, token);
    return make('td', {
      role: 'gridcell', tabindex: -1, 'data-layer': layer, 'data-token': token, style: `--share:${probability.toFixed(3)}`,
    }, make('span', {}, text));
  }

  detail(cell) {
    if (!cell || cell === this.shown) return;
    this.shown?.classList.remove('shown');
    cell.classList.add('shown');
    this.shown = cell;
    const [layer, token] = [Number(cell.dataset.layer), Number(cell.dataset.token)];
    setText(this.title, `After “${this.readout.side.labels[token]}”, layer ${this.layerName(layer)}`);
    this.list.replaceChildren(...this.readout.choices(layer, token).map(({ text, probability }) => {
      const bar = makeBar('to');
      setBar(bar, probability);
      return make('li', {}, make('span', { class: 'link-name' }, text), bar, make('span', { class: 'number' }, probability.toFixed(3)));
    }));
  }

  page(step) {
    this.first = Math.max(0, this.first + step * READOUT_ROWS);
    this.fill();
  }

  /** Marks the row of the pinned token, and turns to its page. */
  showPin() {
    const { pin } = this.state;
    const token = pin && pin.side === this.readout.side.index ? pin.token : -1;
    if (token >= 0 && (token < this.first || token >= this.first + READOUT_ROWS)) {
      this.first = Math.floor(token / READOUT_ROWS) * READOUT_ROWS;
      this.fill();
      return;
    }
    [...this.table.tBodies[0].rows].forEach((row, i) => row.classList.toggle('pinned', this.first + i === token));
  }

  onKey(event) {
    const cell = event.target.closest('td');
    if (!cell) return;
    const row = cell.parentElement;
    const next = {
      ArrowRight: cell.nextElementSibling, ArrowLeft: cell.previousElementSibling,
      ArrowDown: row.nextElementSibling?.cells[cell.cellIndex], ArrowUp: row.previousElementSibling?.cells[cell.cellIndex],
    }[event.key];
    if (!next || next.tagName !== 'TD') return;
    event.preventDefault();
    cell.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  }
}
