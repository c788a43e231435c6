// Added to a page by heads_page.sh: uses it as a reader would. An error is what the test sees; if
// there is none, the body says so, and the page around this one is told, if there is one.

function expect(holds, what) {
  if (!holds) throw new Error(`expected ${what}`);
}
const cardsShown = () => [...document.querySelectorAll('.card')];
const cardOf = (head) => document.querySelector(`.card[data-head="${head}"]`);
const glass = make('canvas', { width: 1, height: 1 })
  .getContext('2d', { willReadFrequently: true });
function pixel(canvas, x, y) {
  glass.drawImage(canvas, x, y, 1, 1, 0, 0, 1, 1);
  return [...glass.getImageData(0, 0, 1, 1).data];
}
const lightness = ([red, green, blue]) => 0.2126 * red + 0.7152 * green + 0.0722 * blue;
const press = (key) => byId('large').dispatchEvent(new KeyboardEvent('keydown', { key }));

function useThumbnails() {
  const [previous, itself, even] = [0, 1, 2].map((head) => cardOf(head).querySelector('canvas'));
  const paper = lightness(pixel(previous, 9, 3));
  expect(Math.abs(lightness(pixel(previous, 4, 5)) - paper) > 100, 'a mark on the token before');
  expect(Math.abs(lightness(pixel(previous, 5, 5)) - paper) < 20, 'none on the token itself');
  expect(Math.abs(lightness(pixel(itself, 5, 5)) - paper) > 100, 'a mark on the token itself');
  const shades = new Set([0, 5, 15].map((x) => String(pixel(even, x, 7))));
  expect(shades.size === 1, 'one shade for an even spread');
  const idle = [1, 2, 3, 4].map((head) => cardOf(head).classList.contains('idle'));
  expect(idle.join() === 'false,true,true,true', 'idle cards');
}

function useDetail() {
  cardOf(5).click();
  expect(byId('detail-title').textContent === 'Head 5 · 3 tokens ahead', 'the title of head 5');
  expect(cardOf(5).classList.contains('chosen'), 'a chosen card');
  cardOf(4).click();
  expect(/^query \d+ .*: weight 0\.99\d on key 5 /.test(byId('readout').textContent), 'a read-out');
  const before = byId('readout').textContent;
  press('ArrowLeft');
  expect(byId('readout').textContent !== before, 'another cell after a key');
  expect(byId('readout').textContent.includes('weight below 0.001 on key 4'), 'key 4');
  const label = byId('bars').querySelector('.who').textContent;
  expect(label === 'key 5 “<\/script>5”', 'a label as text');
  for (let i = 0; i < 40; i++) press('ArrowDown');
  expect(byId('readout').textContent.startsWith('query 15 '), 'a stop at the last query');

  const large = byId('large');
  const box = large.getBoundingClientRect();
  large.dispatchEvent(new PointerEvent('pointerdown', {
    clientX: box.left + plot.left + 2.5 * plot.cellWidth,
    clientY: box.top + plot.top + 7.5 * plot.cellHeight,
  }));
  expect(/^query 7 .* on key 2 /.test(byId('readout').textContent), 'the cell that was tapped');
  const values = [...byId('bars').querySelectorAll('.value')];
  expect(values.some((value) => value.textContent === 'below 0.001'), 'a small weight');
  expect(values.every((value) => value.clientHeight < 24), 'values of one line');
  const { background } = getComputedStyle(byId('bars').querySelector('.length'));
  expect(background && byId('bars').querySelector('.length').clientWidth > 50, 'a bar');
  byId('after').click();
  expect(byId('detail-title').textContent.startsWith('Head 5'), 'the next head');
  byId('after').click();
  expect(byId('detail-title').textContent.startsWith('Head 0'), 'the first after the last');
}

function useControls() {
  const group = (start) =>
    [...byId('groups').children].find((button) => button.textContent.startsWith(start));
  group('idle').click();
  expect(cardsShown().map((card) => card.dataset.head).join() === '2,3,4', 'the idle heads');
  group('all').click();
  expect(cardsShown().length === 6, 'all heads again');
  const order = (name) => {
    byId('order').value = name;
    byId('order').dispatchEvent(new Event('change'));
    return cardsShown().map((card) => card.dataset.head);
  };
  expect(order('spread')[0] === '2', 'the even head as the most spread');
  expect(order('near')[0] === '1', 'the head of distance 0 as the nearest');
  expect(order('stored').join() === '0,1,2,3,4,5', 'the heads as stored');
  const even = () => lightness(pixel(cardOf(2).querySelector('canvas'), 3, 3));
  const shared = even();
  byId('shades').value = 'own';
  byId('shades').dispatchEvent(new Event('change'));
  expect(Math.abs(even() - shared) > 50, 'the darkest shade for the largest weight of a head');
}

function checkLayout() {
  const root = document.documentElement;
  expect(root.scrollWidth <= innerWidth, `${root.scrollWidth} pixels to fit in ${innerWidth}`);
  expect(document.querySelectorAll('tbody tr').length === 6, 'a row for each head');
  const markup = document.querySelectorAll('#title *, #about dd *, .bars .who *');
  expect(markup.length === 0, 'names without markup');
  const words = cardsShown().map((card) => card.querySelector('canvas').getAttribute('aria-label'));
  expect(words.every((label, head) => label.startsWith(`Map of head ${head}: `)), 'words for maps');
}

useThumbnails();
useDetail();
useControls();
checkLayout();
document.body.dataset.used = 'as expected';
if (parent !== window) parent.postMessage({ ...document.body.dataset, width: innerWidth }, '*');
