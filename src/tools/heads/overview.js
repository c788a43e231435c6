// The overview: a card for each head, in an order and a selection that the user chooses.

const chosen = { head: 0, group: null };

const orders = {
  stored: ['as stored', (a, b) => a.index - b.index],
  focus: ['most focused first', (a, b) => focus(a) - focus(b)],
  spread: ['most spread first', (a, b) => focus(b) - focus(a)],
  near: ['looks near first', (a, b) => (a.distance ?? Infinity) - (b.distance ?? Infinity)],
  far: ['looks far first', (a, b) => (b.distance ?? -1) - (a.distance ?? -1)],
  group: ['by where it looks', (a, b) => a.group.localeCompare(b.group)],
};

// Entropy as a share of what is possible; heads that have none come last.
function focus(head) {
  return head.entropy === null ? Infinity : head.entropy / (head.most_entropy || 1);
}

// Pairs of a group's name and the numbers of its heads, large groups first; idle heads are one.
function groups() {
  const members = new Map();
  page.heads.forEach((head) => {
    const name = head.idle ? 'idle' : head.group;
    members.set(name, [...(members.get(name) || []), head.index]);
  });
  const idleFirst = (name) => (name === 'idle' ? Infinity : members.get(name).length);
  return [...members].sort(([a], [b]) => idleFirst(b) - idleFirst(a));
}

function inGroup(head) {
  return chosen.group === null || chosen.group === (head.idle ? 'idle' : head.group);
}

function fillControls() {
  const button = (text, group) => make('button', {
    type: 'button',
    'aria-pressed': String(chosen.group === group),
    onclick: (event) => {
      chosen.group = group;
      [...byId('groups').children].forEach((other) => other.setAttribute('aria-pressed', 'false'));
      event.currentTarget.setAttribute('aria-pressed', 'true');
      fillCards();
    },
  }, text);
  const who = (heads) => {
    if (heads.length > 4) return `${heads.length} heads`;
    return (heads.length === 1 ? 'head ' : 'heads ') + heads.join(', ');
  };
  byId('groups').replaceChildren(button('all heads', null),
    ...groups().map(([name, heads]) => button(`${name}: ${who(heads)}`, name)));

  const usable = Object.keys(orders).filter((name) => page.self || !['near', 'far'].includes(name));
  const option = (name) => make('option', { value: name }, orders[name][0]);
  byId('order').replaceChildren(...usable.map(option));
  byId('order').addEventListener('change', fillCards);
  byId('shades').replaceChildren(make('option', { value: 'all' }, 'same for all heads'),
    make('option', { value: 'own' }, 'up to each head’s largest'));
  byId('shades').addEventListener('change', (event) => {
    shading.own = event.target.value === 'own';
    repaint();
  });
}

function card(head) {
  const words = `Map of head ${head.index}: ${labelOf(head)}. ${head.numbers}`;
  const canvas = make('canvas', { role: 'img', 'aria-label': words });
  paintThumbnail(canvas, head);
  canvas.classList.add('hatched');
  const number = make('span', {}, `Head ${head.index}`);
  const name = make('span', { class: 'name' }, number);
  if (head.idle) name.append(make('span', { class: 'tag' }, 'idle'));
  const element = make('button', {
    type: 'button',
    class: 'card' + (head.idle ? ' idle' : ''),
    'data-head': head.index,
    onclick: () => choose(head.index, true),
  }, canvas, name,
  make('span', { class: 'what' }, head.group.replace('idle: ', '')),
  make('span', { class: 'why' }, head.detail));
  return make('li', {}, element);
}

function shownHeads() {
  const [, before] = orders[byId('order').value];
  return page.heads.filter(inGroup).sort((a, b) => before(a, b) || a.index - b.index);
}

function fillCards() {
  byId('cards').replaceChildren(...shownHeads().map(card));
  markChosen();
}

function markChosen() {
  document.querySelectorAll('.card').forEach((element) => {
    const is = Number(element.dataset.head) === chosen.head;
    element.classList.toggle('chosen', is);
    element.setAttribute('aria-current', String(is));
  });
}
