// A matrix as a heat map with numbers. The cell that has the pointer or the focus shows its formula.

/**
 * Returns a figure.
 *
 * @param name the title as text or nodes, such as "Scores QKᵀ"
 * @param matrix the rows and digits
 * @param options
 *   - `id`: a name for the focus, unique in a step
 *   - `column(index)`: the title of a column, as text or nodes
 *   - `isWeight`: whether the numbers are weights from 0 to 1; else numbers with a sign
 *   - `formula(row, column)`: the nodes of a cell's formula without its result, a note on the number, or null
 *   - `group`: the number of columns of a head; 0 for no groups
 */
function matrixFigure(state, name, matrix, options) {
  const { id, column: title, isWeight = false, formula = null, group = 0 } = options;
  const largest = magnitude(matrix) || 1;
  const reading = make('p', { class: 'reading' });
  const label = (row, index) => [make('strong', {}, state.words[row]), ' · ', title(index), ': '];
  const nodes = (row, index) => {
    const value = make('strong', {}, cellText(matrix, row, index));
    const text = formula?.(row, index);
    return [label(row, index), Array.isArray(text) ? [text, ' = ', value] : [value, text ? `, ${text}` : '']];
  };
  const read = (row, index) => reading.replaceChildren(make('span', {}, nodes(row, index)));

  const body = make('tbody', {}, matrix.rows.map((row, r) => make(
    'tr', { 'aria-current': r === state.word ? 'true' : false },
    make('th', { scope: 'row', class: 'word-name' }, state.words[r]),
    row.map((value, c) => {
      const cell = make('td', {
        'data-row': r, 'data-column': c, 'data-focus': `${id}-${r}-${c}`,
        class: group && c % group === 0 && c > 0 ? 'group-start' : false,
        tabindex: r === state.word && c === 0 ? '0' : '-1',
        'aria-label': value === null || isWeight && state.isMasked(r, c) ? 'masked' : false,
      }, cellText(matrix, r, c));
      shade(cell, value, isWeight, largest);
      return cell;
    }))));
  const heading = make('h3', {}, name);
  const table = make(
    'table', { role: 'grid', class: `matrix${matrix.rows[0].length > 8 ? ' matrix-wide' : ''}`, 'aria-label': heading.textContent },
    make('thead', {}, make('tr', {}, make('td'), matrix.rows[0].map((_, c) => make(
      'th', { scope: 'col', class: group && c % group === 0 && c > 0 ? 'group-start word-name' : 'word-name' }, title(c))))),
    body);
  const place = (event) => event.target.closest?.('td[data-row]')?.dataset;
  const follow = (event) => {
    const cell = place(event);
    if (cell) read(Number(cell.row), Number(cell.column));
  };
  body.addEventListener('pointerover', follow);
  body.addEventListener('focusin', follow);
  body.addEventListener('pointerleave', () => {
    const focused = body.contains(document.activeElement) ? document.activeElement.dataset : null;
    if (focused) read(Number(focused.row), Number(focused.column)); else read(state.word, 0);
  });
  body.addEventListener('click', (event) => {
    const row = event.target.closest('tr');
    state.set({ word: [...body.children].indexOf(row) });
  });
  body.addEventListener('keydown', (event) => moveInMatrix(event, body, state));
  read(state.word, 0);
  return make('figure', { class: 'matrix-figure' },
    make('figcaption', {}, heading), make('div', { class: 'scroller' }, table), reading);
}

/** Blue for positive numbers and weights, orange for negative numbers. */
function shade(cell, value, isWeight, largest) {
  if (!value) return;
  const share = isWeight ? Math.sqrt(value) : Math.abs(value) / largest;
  cell.style.setProperty('--share', share.toFixed(3));
  cell.classList.add(value < 0 ? 'negative' : 'positive');
}

/** Arrow keys move between cells; Enter and space choose the word of the row. */
function moveInMatrix(event, body, state) {
  const cell = event.target.closest('td[data-row]');
  if (!cell) return;
  const row = Number(cell.dataset.row);
  if (event.key === 'Enter' || event.key === ' ') {
    event.preventDefault();
    state.set({ word: row });
    return;
  }
  const [down, right] = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1] }[event.key] ?? [0, 0];
  if (!down && !right) return;
  event.preventDefault();
  event.stopPropagation();
  const next = body.querySelector(`[data-row="${row + down}"][data-column="${Number(cell.dataset.column) + right}"]`);
  if (!next) return;
  cell.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
}
