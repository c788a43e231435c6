// Choosing a head and, within it, a cell: by mouse, by finger, by keyboard.

function readOut() {
  const head = page.heads[chosen.head];
  const weights = head.cells.subarray(plot.row * page.columns, (plot.row + 1) * page.columns);
  const weight = weights[plot.column];
  const what = page.row_step * page.column_step > 1 ? 'largest weight' : 'weight';
  const value = weight === notVisible ? 'may not see' : `${what} ${formatWeight(weight)} on`;
  byId('readout').textContent = `${queryName(plot.row)}: ${value} ${keyName(plot.column)}`;

  const most = [...weights.keys()].filter((column) => weights[column] > 0)
    .sort((a, b) => weights[b] - weights[a]).slice(0, 5);
  byId('bars').replaceChildren(...most.map((column) => {
    const length = make('span', { class: 'length' });
    length.style.width = `${100 * weights[column]}%`;
    return make('li', {}, make('span', { class: 'who' }, keyName(column)), make('span', {}, length),
      make('span', { class: 'value' }, formatWeight(weights[column])));
  }));
}

function pointAt(row, column) {
  plot.row = Math.min(page.rows - 1, Math.max(0, row));
  plot.column = Math.min(page.columns - 1, Math.max(0, column));
  drawDetail();
  readOut();
}

// The cell of the largest weight is the best place to start reading; a head that has none starts
// where there is something to see.
function pointAtLargest() {
  const { cells, query, key } = page.heads[chosen.head];
  if (query !== null) {
    pointAt(Math.floor(query / page.row_step), Math.floor(key / page.column_step));
    return;
  }
  const broken = cells.findIndex((weight) => Number.isNaN(weight));
  const seen = cells.findIndex((weight) => weight !== notVisible);
  const first = Math.max(0, broken >= 0 ? broken : seen);
  pointAt(Math.floor(first / page.columns), first % page.columns);
}

function choose(index, byUser) {
  chosen.head = index;
  const head = page.heads[index];
  byId('detail-title').textContent = `Head ${index} · ${head.group}`;
  const sentences = [head.detail && `${head.detail}.`, head.numbers].filter(Boolean).join(' ');
  byId('detail-label').textContent = sentences.charAt(0).toUpperCase() + sentences.slice(1);
  byId('large').setAttribute('aria-label', `Map of head ${index}, query by key`);
  markChosen();
  pointAtLargest();
  if (byUser && getComputedStyle(byId('back')).display !== 'none') {
    byId('detail').scrollIntoView();
    byId('detail').focus({ preventScroll: true });
  }
}

function step(by) {
  const shown = shownHeads();
  const place = shown.findIndex((head) => head.index === chosen.head);
  if (shown.length) choose(shown[(place + by + shown.length) % shown.length].index, false);
}

function followPointer() {
  const canvas = byId('large');
  const follow = (event) => {
    const box = canvas.getBoundingClientRect();
    const column = Math.floor((event.clientX - box.left - plot.left) / plot.cellWidth);
    const row = Math.floor((event.clientY - box.top - plot.top) / plot.cellHeight);
    if (row < 0 || column < 0 || row >= page.rows || column >= page.columns) return;
    if (row !== plot.row || column !== plot.column) pointAt(row, column);
  };
  canvas.addEventListener('pointermove', follow);
  canvas.addEventListener('pointerdown', follow);
  const moves = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  canvas.addEventListener('keydown', (event) => {
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    pointAt(plot.row + move[0], plot.column + move[1]);
  });
  byId('before').addEventListener('click', () => step(-1));
  byId('after').addEventListener('click', () => step(1));
  byId('back').addEventListener('click', () => {
    const card = document.querySelector('.card.chosen') || document.querySelector('.card');
    card.scrollIntoView({ block: 'center' });
    card.focus({ preventScroll: true });
  });
}
