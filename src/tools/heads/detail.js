// One head, enlarged: axes, a cell that can be pointed at, and what its query looks at most.

const plot = { left: 0, top: 0, cellWidth: 1, cellHeight: 1, row: 0, column: 0 };
const axisFont = '12px system-ui, "DejaVu Sans", sans-serif';

// Every 1, 2, 5, 10, 20... cells, so that `pixels` lie between two labels.
function tickStep(cell, pixels) {
  for (let power = 1; ; power *= 10) {
    const step = [1, 2, 5].find((digit) => digit * power * cell >= pixels);
    if (step) return step * power;
  }
}

function axisText(cell, step, labels) {
  if (step !== 1 || !labels.length) return String(cell * step);
  return labels[cell].trim() || '␣';
}

function measureAxes(context) {
  context.font = axisFont;
  const width = (count, step, labels) => {
    let most = 0;
    for (let cell = 0; cell < count; cell++) {
      most = Math.max(most, context.measureText(axisText(cell, step, labels)).width);
    }
    return Math.min(most, 110);
  };
  const keys = width(page.columns, page.column_step, page.key_labels);
  plot.left = Math.ceil(width(page.rows, page.row_step, page.query_labels)) + 26;
  plot.turned = page.key_labels.length > 0 && page.column_step === 1 && keys > 12;
  plot.top = (plot.turned ? Math.ceil(keys) : 14) + 26;
  plot.keyPitch = plot.turned ? 12 : keys + 5;
}

function layOut(canvas) {
  const context = canvas.getContext('2d');
  measureAxes(context);
  const room = Math.max(40, byId('plot').clientWidth - plot.left - 2);
  const height = Math.max(260, Math.min(640, innerHeight - plot.top - 350));  // and the read-out
  plot.cellWidth = Math.min(room / page.columns, 36);
  // Square cells unless the map would become too tall or a thin strip.
  const strip = Math.min(36, 120 / page.rows);
  plot.cellHeight = Math.min(height / page.rows, Math.max(plot.cellWidth, strip));
  // Whole pixels give equal cells, where there is room for them.
  if (plot.cellWidth > 3) plot.cellWidth = Math.floor(plot.cellWidth);
  if (plot.cellHeight > 3) plot.cellHeight = Math.floor(plot.cellHeight);
  plot.width = plot.cellWidth * page.columns;
  plot.height = plot.cellHeight * page.rows;

  const ratio = devicePixelRatio || 1;
  const size = [plot.left + plot.width + 2, plot.top + plot.height + 2];
  [canvas.width, canvas.height] = size.map((length) => Math.ceil(length * ratio));
  [canvas.style.width, canvas.style.height] = size.map((length) => `${length}px`);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return context;
}

function drawMap(context, head) {
  const ratio = devicePixelRatio || 1;
  const grid = reduced(head, Math.ceil(plot.height * ratio), Math.ceil(plot.width * ratio));
  const image = make('canvas');
  paint(image, grid, largestShown(head));
  context.save();
  context.translate(plot.left, plot.top);
  context.fillStyle = hatch(context);
  context.fillRect(0, 0, plot.width, plot.height);
  context.imageSmoothingEnabled = false;
  context.drawImage(image, 0, 0, plot.width, plot.height);
  context.restore();
}

function drawAxes(context, style) {
  context.font = axisFont;
  context.fillStyle = style.getPropertyValue('--soft');
  context.strokeStyle = style.getPropertyValue('--line');
  context.strokeRect(plot.left - 0.5, plot.top - 0.5, plot.width + 1, plot.height + 1);
  context.textBaseline = 'middle';
  context.textAlign = 'right';
  const rows = tickStep(plot.cellHeight, 12);
  for (let row = 0; row < page.rows; row += rows) {
    const text = axisText(row, page.row_step, page.query_labels);
    context.fillText(text, plot.left - 6, plot.top + (row + 0.5) * plot.cellHeight, 110);
  }
  const columns = tickStep(plot.cellWidth, plot.keyPitch);
  for (let column = 0; column < page.columns; column += columns) {
    context.save();
    context.translate(plot.left + (column + 0.5) * plot.cellWidth, plot.top - 6);
    context.textAlign = plot.turned ? 'left' : 'center';
    if (plot.turned) context.rotate(-Math.PI / 2);
    else context.translate(0, -6);
    context.fillText(axisText(column, page.column_step, page.key_labels), 0, 0, 110);
    context.restore();
  }
  context.fillStyle = style.getPropertyValue('--ink');
  context.textAlign = 'left';
  context.fillText('key, looked at →', plot.left, 8);
  context.save();
  context.translate(8, plot.top);
  context.rotate(-Math.PI / 2);
  context.textAlign = 'right';
  context.fillText('← query', 0, 0);
  context.restore();
}

function drawPointer(context, style) {
  const x = plot.left + plot.column * plot.cellWidth;
  const y = plot.top + plot.row * plot.cellHeight;
  const width = Math.max(plot.cellWidth, 4);
  const height = Math.max(plot.cellHeight, 4);
  context.lineWidth = 4;
  context.strokeStyle = style.getPropertyValue('--panel');
  context.strokeRect(x - 1, y - 1, width + 2, height + 2);
  context.lineWidth = 2;
  context.strokeStyle = style.getPropertyValue('--mark');
  context.strokeRect(x - 1, y - 1, width + 2, height + 2);
}

function drawDetail() {
  const canvas = byId('large');
  const head = page.heads[chosen.head];
  const style = getComputedStyle(document.body);
  const context = layOut(canvas);
  drawMap(context, head);
  drawAxes(context, style);
  drawPointer(context, style);
}
