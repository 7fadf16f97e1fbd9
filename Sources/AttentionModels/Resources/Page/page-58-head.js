// The chosen head: its figures, the matrix or the lines, and a table of its largest weights.

const TABLE_ROWS = 20;

class HeadView {
  constructor(section, state) {
    this.state = state;
    this.title = make('h2', { id: 'head-heading' });
    this.figures = make('dl', { class: 'figures' });
    this.views = { matrix: new MatrixView(state), links: new ArcsView(state) };
    this.choice = make('div', { class: 'segments', role: 'radiogroup', 'aria-label': 'Picture of the head' });
    makeSegments(this.choice, [['matrix', 'Matrix'], ['links', 'Arcs']], (view) => state.set({ view }));
    this.body = make('tbody');
    this.details = make('details', { class: 'top-weights', ontoggle: () => this.fillTable() },
      make('summary', {}, 'Largest weights of this head'),
      make('table', {}, make('thead', {}, make('tr', {},
        ...['Query', 'Key', 'Weight'].map((name) => make('th', { scope: 'col' }, name)))), this.body));
    section.append(
      make('div', { class: 'section-head' }, this.title, make('div', { class: 'controls' }, this.choice)),
      this.figures, this.views.matrix.node, this.views.links.node, makeScale(), this.details);
    state.listen((changed) => this.update(changed));
    this.update(new Set(['map', 'view']));
  }

  update(changed) {
    const { state } = this;
    if (changed.has('view')) {
      markSegment(this.choice, state.view);
      for (const [name, view] of Object.entries(this.views)) view.node.hidden = name !== state.view;
    }
    if (changed.has('map') || changed.has('layer') || changed.has('head')) {
      setText(this.title, headName(state.layer, state.head));
      this.fillFigures();
      this.fillTable();
    }
    this.views.matrix.update(changed);
    this.views.links.update(changed);
  }

  fillFigures() {
    const { attention: map, layer, head } = this.state;
    if (head === MEAN) {
      const note = map.threshold > 0 ? ` Weights below ${map.threshold.toFixed(3)} count as 0.` : '';
      this.figures.replaceChildren(make('div', {}, make('dd', {}, `Mean of the weights of ${map.heads} heads.${note}`)));
      return;
    }
    this.figures.replaceChildren(...Object.entries(FIGURES).filter(([name]) => map.figures[name])
      .map(([name, { name: title, unit, digits }]) => make('div', {},
        make('dt', {}, title),
        make('dd', {}, map.figures[name][layer * map.heads + head].toFixed(digits), make('small', {}, unit && ` ${unit}`)))));
  }

  /** Fills the table only while it is open. */
  fillTable() {
    if (!this.details.open) return;
    const { attention: map, matrix: values } = this.state;
    this.body.replaceChildren(...largest(values, TABLE_ROWS).map((i) => make('tr', {},
      make('td', {}, map.querySide.labels[Math.floor(i / map.keys)]),
      make('td', {}, map.keySide.labels[i % map.keys]),
      make('td', { class: 'number' }, values[i].toFixed(3)))));
  }
}

/** The scale of colours. Colours follow the square root of the weight. */
function makeScale() {
  const ticks = [0, 0.01, 0.05, 0.2, 0.5, 1];
  return make('div', { class: 'scale', role: 'img', 'aria-label': 'Colours from weight 0, background, to 1, strongest' },
    make('span', { class: 'scale-bar' }),
    ...ticks.map((tick) => make('span', { class: 'scale-tick', style: `left:${Math.sqrt(tick) * 100}%` }, `${tick}`)));
}
