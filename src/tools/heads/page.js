// The rest of the page, and its start.

function fillHeader() {
  byId('title').textContent = page.title;
  byId('verdict').textContent = page.verdict;
  byId('settings').replaceChildren(...page.settings.map((line) => make('li', {}, line)));
  const [summary, list] = byId('about').children;
  summary.textContent = page.line;
  page.about.forEach(([name, value]) => list.append(make('dt', {}, name), make('dd', {}, value)));
}

function number(value, digits) {
  return value === null ? '–' : value.toFixed(digits);
}

function fillTable() {
  const columns = ['head', 'looks at', 'entropy, bits', 'of at most', 'away from even',
    'largest weight', 'of query', 'on key'];
  if (page.self) columns.push('mean distance, tokens');
  const row = (head) => {
    const cells = [labelOf(head), number(head.entropy, 2), number(head.most_entropy, 2),
      head.uneven === null ? '–' : `${Math.round(100 * head.uneven)} %`,
      number(head.largest, 3), number(head.query, 0), number(head.key, 0)];
    if (page.self) cells.push(number(head.distance, 1));
    return make('tr', { class: head.idle ? 'idle' : undefined },
      make('th', { scope: 'row' }, String(head.index)),
      ...cells.map((cell) => make('td', {}, String(cell))));
  };
  const table = byId('numbers').querySelector('table');
  const titles = columns.map((name) => make('th', { scope: 'col' }, name));
  table.tHead.replaceChildren(make('tr', {}, ...titles));
  table.tBodies[0].replaceChildren(...page.heads.map(row));
}

function fillReading() {
  const facts = [
    'A map has a row for each query and a column for each key. A cell is the weight that the ' +
      'query gives to the key; a row sums up to 1, less what goes to a sink or extra key.',
    page.idle_definition,
    'A share of the attention is a mean over the queries that see the key in question. The ' +
      'largest weight leaves out queries that see a single key: they give it 1.',
    'Away from even: the share of the attention that would have to move to other keys until all ' +
      'keys that a query may see have the same.',
    'Entropy tells how spread a head’s attention is: 0 bits is one key for each query, the ' +
      'most possible is log2 of the keys that a query may see. Both are means over the queries.',
    ...page.notes,
  ];
  byId('reading').querySelector('ul').replaceChildren(...facts.map((fact) => make('li', {}, fact)));
}

function repaint() {
  paintLegend();
  fillCards();
  drawDetail();
}

function start() {
  loadMaps();
  fillHeader();
  byId('main').hidden = false;
  byId('main').classList.toggle('single', page.heads.length <= 2);
  fillControls();
  paintLegend();
  fillCards();
  fillTable();
  fillReading();
  followPointer();
  const busy = page.heads.find((head) => !head.idle);
  choose((busy || page.heads[0]).index, false);
  darkPage.addEventListener('change', repaint);
  addEventListener('resize', drawDetail);
  document.body.dataset.ready = document.querySelectorAll('.card canvas').length;
}

try {
  start();
} catch (error) {
  byId('failure').textContent = `This page could not be drawn: ${error.message}`;
  byId('failure').hidden = false;
  throw error;
}
