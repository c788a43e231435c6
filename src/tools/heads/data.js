// The data of the page, as the tool wrote it, and its maps: 16 bits a weight.

const page = JSON.parse(document.getElementById('data').textContent);

const notVisible = -1;  // a key that the query may not see
const codes = { notVisible: 65535, notANumber: 65534, one: 65533 };

function decodeMap(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  return Float32Array.from({ length: bytes.length / 2 }, (_, index) => {
    const code = view.getUint16(2 * index, true);
    if (code === codes.notVisible) return notVisible;
    return code === codes.notANumber ? NaN : code / codes.one;
  });
}

function loadMaps() {
  page.heads.forEach((head, index) => {
    head.index = index;
    head.detail = head.detail.replaceAll(' %', '\u00a0%');
    head.cells = decodeMap(head.map);
    if (head.cells.length !== page.rows * page.columns) {
      throw new Error(`head ${index}: ${head.cells.length} weights, not those of its map`);
    }
  });
}

// The map in at most so many rows and columns; a cell is the largest of its weights.
function reduced(head, rowLimit, columnLimit) {
  const rowStep = Math.ceil(page.rows / rowLimit);
  const columnStep = Math.ceil(page.columns / columnLimit);
  const rows = Math.ceil(page.rows / rowStep);
  const columns = Math.ceil(page.columns / columnStep);
  if (rowStep === 1 && columnStep === 1) return { rows, columns, cells: head.cells };

  const cells = new Float32Array(rows * columns).fill(notVisible);
  for (let row = 0; row < page.rows; row++) {
    for (let column = 0; column < page.columns; column++) {
      const weight = head.cells[row * page.columns + column];
      const to = Math.floor(row / rowStep) * columns + Math.floor(column / columnStep);
      if (Number.isNaN(weight) || weight > cells[to]) cells[to] = weight;
    }
  }
  return { rows, columns, cells };
}

function formatWeight(weight) {
  if (Number.isNaN(weight)) return 'not a number';
  if (weight !== 0 && weight < 0.001) return 'below 0.001';
  return weight.toFixed(3);
}

// "key 12 “May”", or "keys 12 to 15" where the maps are reduced.
function nameOf(kind, cell, step, count, labels) {
  const first = cell * step;
  const last = Math.min(count, first + step) - 1;
  if (last > first) return `${kind === 'key' ? 'keys' : 'queries'} ${first} to ${last}`;
  return `${kind} ${first}` + (labels.length ? ` “${labels[first]}”` : '');
}
const queryName = (row) => nameOf('query', row, page.row_step, page.queries, page.query_labels);
const keyName = (column) => nameOf('key', column, page.column_step, page.keys, page.key_labels);

const labelOf = (head) => head.group + (head.detail ? `, ${head.detail}` : '');

// An element with attributes and children; text is always text, never markup.
function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  Object.entries(attributes || {}).forEach(([name, value]) => {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== false) element.setAttribute(name, value);
  });
  element.append(...children);
  return element;
}
const byId = (id) => document.getElementById(id);
