// The table of steps for one query, and the features behind one score.

const STEP_ROWS = 24;

class StepsView {
  constructor(section, state) {
    this.state = state;
    this.showsAll = false;
    this.query = make('select', {
      onchange: () => state.set({ pin: { side: state.attention.querySide.index, token: Number(this.query.value) } }),
    });
    this.key = null;
    this.formula = make('p', { class: 'formula' });
    this.note = make('p', { class: 'note' });
    this.head = make('tr');
    this.body = make('tbody');
    this.table = make('table', { class: 'steps-table' },
      make('caption', { class: 'unseen' }, 'Steps of the query for each key'), make('thead', {}, this.head), this.body);
    this.more = make('button', { type: 'button', class: 'toggle', onclick: () => this.toggleAll() });
    this.charts = make('div', { class: 'charts' });
    this.content = make('div', { class: 'steps-columns' },
      make('div', { class: 'steps-scroller', role: 'group', tabindex: 0, 'aria-label': 'Table of steps' }, this.table, this.more), this.charts);
    section.append(
      make('div', { class: 'section-head' }, make('h2', { id: 'steps-heading' }, 'Steps'),
        make('div', { class: 'controls' }, make('label', {}, 'Query ', this.query))),
      this.formula, this.note, this.content);
    this.body.addEventListener('click', (event) => this.chooseKey(event.target.closest('tr')));
    this.body.addEventListener('keydown', (event) => this.onKey(event));
    this.fillQueries();
    this.show();
    state.listen((changed) => {
      if (changed.has('map')) this.fillQueries();
      if (['map', 'layer', 'head', 'pin'].some((name) => changed.has(name))) this.show();
    });
  }

  fillQueries() {
    this.query.replaceChildren(...this.state.attention.querySide.labels.map((label, token) => make('option', { value: token }, `${label} · ${token}`)));
  }

  /** The pinned token, else the first token that is not special. */
  get token() {
    const { pin, attention: map } = this.state;
    if (pin && pin.side === map.querySide.index) return pin.token;
    return Math.max(0, map.querySide.special.indexOf(false));
  }

  show() {
    const { attention: map, layer, head } = this.state;
    const { steps } = map;
    const entry = steps ? steps.entry(layer, head) : -1;
    this.query.value = this.token;
    this.content.hidden = entry < 0;
    this.formula.hidden = entry < 0;
    this.note.hidden = entry >= 0;
    if (entry < 0) {
      this.note.replaceChildren(...this.missing(steps));
      return;
    }
    this.entry = entry;
    this.result = steps.rows(entry, this.token);
    this.columns = { cap: steps.softcap[entry] != null, bias: this.result.rows.some((row) => row.hasBias) };
    const { rows } = this.result;
    if (this.keyQuery !== `${this.state.map}.${layer}.${head}.${this.token}`) {
      this.keyQuery = `${this.state.map}.${layer}.${head}.${this.token}`;
      this.key = largest(rows.map((row) => row.weight), 1)[0] ?? 0;
    }
    this.writeFormula(steps);
    this.fillTable();
    this.showCharts();
  }

  /** Says for which heads there are steps, and how to get the steps of another head. */
  missing(steps) {
    const { layer, head } = this.state;
    if (head === MEAN) return ['Choose one head to see its steps: a mean of heads has no steps.'];
    const command = make('code', {}, `attend explain --layer ${layer} --head ${head} --output page.html`);
    const listed = steps ? steps.heads.slice(0, 12).map(([l, h]) => make('button', {
      type: 'button', class: 'toggle', onclick: () => this.state.set({ layer: l, head: h }),
    }, `${l}·${h}`)) : [];
    const rest = steps && steps.heads.length > 12 ? ` and ${steps.heads.length - 12} more` : '';
    return [
      steps ? 'This page has the steps of these heads: ' : 'This page has the steps of no head.',
      ...listed.flatMap((button) => [button, ' ']), rest, make('br'),
      'To include another head, run ', command, '.',
    ];
  }

  writeFormula(steps) {
    const { cap, bias } = this.columns;
    const scale = steps.scale[this.entry].toPrecision(4).replace(/\.?0+$/, '');
    const score = cap ? `${steps.softcap[this.entry]} · tanh(${scale} · q·k / ${steps.softcap[this.entry]})` : `${scale} · q·k`;
    setText(this.formula, `weight = softmax(${score}${bias ? ' + position bias' : ''}),  output = Σ weight · v,`
      + `  log Σ exp = ${signed(this.result.logSumExp, 3)}`);
  }

  fillTable() {
    const map = this.state.attention;
    const { cap, bias } = this.columns;
    const { rows } = this.result;
    const isLong = rows.length > STEP_ROWS + 8;
    const shown = isLong && !this.showsAll ? [...rows].sort((a, b) => b.weight - a.weight).slice(0, STEP_ROWS) : rows;
    this.more.hidden = !isLong;
    setText(this.more, this.showsAll ? `Show the ${STEP_ROWS} largest weights` : `Show all ${rows.length} keys in order`);
    const names = ['Key', 'q·k', '× scale', cap && 'capped', bias && '+ bias', 'Weight', '', 'Share of output'];
    this.head.replaceChildren(...names.filter((name) => name !== false).map((name) => make('th', { scope: 'col' },
      name || make('span', { class: 'unseen' }, 'Weight as a bar'))));
    this.body.replaceChildren(...shown.map((row) => this.row(map, row)));
  }

  row(map, row) {
    const { cap, bias } = this.columns;
    const number = (text) => make('td', { class: 'number' }, text);
    const bar = makeBar('to');
    setBar(bar, row.weight);
    const cells = [number(signed(row.product, 3)), number(signed(row.scaled, 3))];
    if (cap) cells.push(number(signed(row.capped, 3)));
    if (bias) cells.push(number(row.bias === null ? '–' : signed(row.bias, 3)));
    const share = row.weight > 0 ? percent(row.share).replace('-', '−') : '–';
    const isChosen = row.key === this.key;
    return make('tr', {
      'data-key': row.key, tabindex: isChosen ? 0 : -1, class: row.isMasked ? 'masked' : '', 'aria-current': isChosen && 'true',
    },
    make('th', { scope: 'row' }, map.keySide.labels[row.key]), ...cells,
    number(weightText(map, this.token, row.key, row.weight)), make('td', {}, bar), number(share));
  }

  toggleAll() {
    this.showsAll = !this.showsAll;
    this.fillTable();
  }

  chooseKey(row) {
    if (!row) return;
    const old = this.body.querySelector('[aria-current]');
    if (old) {
      old.removeAttribute('aria-current');
      old.tabIndex = -1;
    }
    row.setAttribute('aria-current', 'true');
    row.tabIndex = 0;
    this.key = Number(row.dataset.key);
    this.showCharts();
  }

  onKey(event) {
    const row = event.target.closest('tr');
    const next = { ArrowDown: row?.nextElementSibling, ArrowUp: row?.previousElementSibling }[event.key];
    if (!next) return;
    event.preventDefault();
    this.chooseKey(next);
    next.focus();
  }

  showCharts() {
    const map = this.state.attention;
    const { steps } = map;
    const q = steps.query(this.entry, this.token);
    const k = steps.key(this.entry, this.key);
    const v = steps.value(this.entry, this.key);
    const [query, key] = [map.querySide.labels[this.token], map.keySide.labels[this.key]];
    const products = Array.from(q, (value, f) => value * k[f]);
    const strongest = products.map((_, f) => f).sort((a, b) => Math.abs(products[b]) - Math.abs(products[a])).slice(0, 3);
    const title = (f) => `feature ${f}: ${signed(q[f])} × ${signed(k[f])} = ${signed(products[f])}`;
    this.charts.replaceChildren(
      makeChart(`q·k by feature: ${query} → ${key}`, products, title,
        `Sum ${signed(this.result.rows[this.key].product, 3)}. Largest: ${strongest.map(title).join('; ')}.`, 88),
      makeChart(`q of ${query}`, q, (f) => `feature ${f}: ${signed(q[f], 3)}`),
      makeChart(`k of ${key}`, k, (f) => `feature ${f}: ${signed(k[f], 3)}`),
      makeChart(`v of ${key}`, v, (f) => `feature ${f}: ${signed(v[f], 3)}`),
      makeChart('Output Σ weight · v', this.result.output, (f) => `feature ${f}: ${signed(this.result.output[f], 3)}`,
        map.threshold > 0 ? `Sum over the stored weights; weights below ${map.threshold.toFixed(3)} are left out.` : ''));
  }
}

/** Returns a chart with one bar per feature: positive bars up in blue, negative bars down in orange. */
function makeChart(name, values, title, text = '', height = 44) {
  const maximum = Math.max(1e-9, ...Array.from(values, Math.abs));
  const [top, bottom] = [Math.max(0, ...values), Math.max(0, ...Array.from(values, (value) => -value))];
  const zero = (top / (top + bottom || 1)) * height;
  const bars = Array.from(values, (value, f) => {
    const length = (Math.abs(value) / (top + bottom || 1)) * height;
    return makeSVG('rect', {
      x: f + 0.1, width: 0.8, y: value > 0 ? zero - length : zero, height: length,
      class: value > 0 ? 'bar-positive' : 'bar-negative',
    }, makeSVG('title', {}, title(f)));
  });
  const picture = makeSVG('svg', {
    viewBox: `0 0 ${values.length} ${height}`, preserveAspectRatio: 'none', role: 'img',
    style: `height:${height}px;--zero:${zero}px`, 'aria-label': `${name}. ${text || `Largest magnitude ${maximum.toFixed(3)}.`}`,
  }, ...bars);
  return make('figure', { class: 'chart' },
    make('figcaption', {}, make('span', {}, name), make('span', { class: 'number' }, `± ${maximum.toFixed(2)}`)),
    picture, ...(text ? [make('p', { class: 'hint' }, text)] : []));
}
