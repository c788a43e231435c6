// Painting a map: one pixel a weight, on a canvas that is then stretched.

// What the user chose: shades for all heads alike, or for each head up to its own largest weight.
const shading = { own: false };

function largestShown(head) {
  if (!shading.own) return 1;
  return head.cells.reduce((most, weight) => (weight > most ? weight : most), 0);
}

// Cells that are not visible stay transparent: the hatching behind the canvas shows.
function paint(canvas, grid, largest) {
  canvas.width = grid.columns;
  canvas.height = grid.rows;
  const context = canvas.getContext('2d');
  const image = context.createImageData(grid.columns, grid.rows);
  grid.cells.forEach((weight, index) => {
    if (weight === notVisible) return;
    image.data.set(colourOf(weight, largest), 4 * index);
    image.data[4 * index + 3] = 255;
  });
  context.putImageData(image, 0, 0);
}

const thumbnailLimit = 128;  // about as many pixels as a card is wide

function paintThumbnail(canvas, head) {
  const grid = reduced(head, thumbnailLimit, thumbnailLimit);
  paint(canvas, grid, largestShown(head));
  // A single query would be a line, a single key a column.
  canvas.style.aspectRatio = Math.min(8, Math.max(0.6, grid.columns / grid.rows));
}

function hatch(context) {
  const tile = make('canvas', { width: 8, height: 8 });
  const lines = tile.getContext('2d');
  lines.strokeStyle = getComputedStyle(document.body).getPropertyValue('--hatch');
  [-4, 0, 4, 8].forEach((x) => {
    lines.moveTo(x, 8);
    lines.lineTo(x + 8, 0);
  });
  lines.stroke();
  return context.createPattern(tile, 'repeat');
}

// What the scale does not show; only what is to be seen on this page.
function swatches() {
  const entry = (name, text) => {
    const swatch = make('span', { class: `swatch ${name}` });
    return [swatch, make('span', {}, swatch, text)];
  };
  const entries = [entry('hatched', 'may not see the key')[1]];
  if (page.heads.some((head) => head.idle)) entries.push(entry('grey', 'idle head')[1]);
  if (page.heads.some((head) => head.not_a_number)) {
    const [swatch, element] = entry('', 'not a number');
    swatch.style.background = `rgb(${colourOf(NaN, 1).join()})`;
    entries.push(element);
  }
  return entries;
}

function paintLegend() {
  const ticks = [0, 0.01, 0.05, 0.1, 0.25, 0.5, 1];
  const canvas = make('canvas', { role: 'img', 'aria-label': 'Scale of shades' });
  const grid = { rows: 1, columns: 256, cells: new Float32Array(256) };
  grid.cells.forEach((_, i) => { grid.cells[i] = (i / 255) ** 2; });
  paint(canvas, grid, 1);
  const labels = ticks.map((weight) => {
    const text = shading.own ? `${Math.round(100 * weight)} %` : String(weight);
    const label = make('span', {}, text);
    label.style.left = `${100 * Math.sqrt(weight)}%`;
    return label;
  });
  const what = shading.own ? 'share of the head’s largest weight' : 'weight';
  byId('legend').replaceChildren(
    make('div', { class: 'scale' }, canvas, make('div', { class: 'ticks' }, ...labels)),
    make('span', {}, what), ...swatches());
}
