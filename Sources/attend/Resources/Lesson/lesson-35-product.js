// A vector times a matrix: the vector beside the rows of the matrix, and the result below its columns.

/**
 * Returns a figure. A column of the result shows its formula at the pointer or the focus.
 *
 * @param options
 *   - `id`: a name for the focus, unique in a step
 *   - `vector`, `vectorName`: the numbers on the left and their name
 *   - `matrix`, `letter`: the matrix W and its index
 *   - `result`, `row`, `resultName`, `kind`: a matrix, the index of its row that is the product, its name and colour
 */
function productFigure(options) {
  const { id, vector, vectorName, matrix, letter, result, row, resultName, kind } = options;
  const values = result.rows[row];
  const reading = make('p', { class: 'reading' });
  const rows = matrix.rows.map((numbers, i) => make('tr', {},
    make('th', { scope: 'row', class: 'vector-cell' }, short(vector[i])),
    numbers.map((value, j) => make('td', { 'data-column': j }, short(value)))));
  const results = values.map((value, j) => make('td', {
    class: `result of-${kind}`, 'data-column': j, 'data-focus': `${id}-${j}`, tabindex: j === 0 ? '0' : '-1',
  }, cellText(result, row, j)));
  const last = make('tr', { class: 'results' }, make('th', { scope: 'row', class: `of-${kind}` }, resultName), results);
  const label = `${resultName} = ${vectorName} W_${letter}`;
  const table = make('table', { class: `product${values.length > 4 ? ' product-wide' : ''}`, role: 'grid', 'aria-label': label },
    make('thead', {}, make('tr', {}, make('th', { scope: 'col' }, vectorName),
      make('th', { scope: 'colgroup', colspan: values.length }, weightName(letter)))),
    make('tbody', {}, rows, last));

  const read = (j) => {
    for (const cell of table.querySelectorAll('[data-column]')) cell.classList.toggle('active', cell.dataset.column === String(j));
    reading.replaceChildren(make('span', {}, colored(kind, [resultName, sub(j)]), ' = ',
      sumOfProducts(vector, 'none', column(matrix, j), 'none'), ' = ', make('strong', {}, cellText(result, row, j))));
  };
  const follow = (event) => {
    const cell = event.target.closest?.('[data-column]');
    if (cell) read(Number(cell.dataset.column));
  };
  table.addEventListener('pointerover', follow);
  table.addEventListener('focusin', follow);
  arrowKeys(last, (index) => {
    const cell = results[Math.max(0, index - 1)];
    for (const other of results) other.tabIndex = other === cell ? 0 : -1;
    cell.focus();
  });
  read(0);
  return make('div', {}, make('div', { class: 'scroller' }, table), reading);
}
