// A list of very many rows of one height, of which only those near the viewport are in the page.
// A block of several rows, a heading for example, is one element that takes so many units.

const overscan = 12;
const tallest = 15_000_000; // Browsers stop laying out beyond some 16 to 33 million pixels; longer lists are scrolled in proportion.

let linked = null;

/** Brings in the style sheet of all such lists, once. Done when it holds: what is measured before has other letters. */
export function linkStyles() {
  linked ??= new Promise(resolve => {
    const there = document.querySelector('link[rel="stylesheet"][href$="css/diff.css"]');
    if (there?.sheet) return resolve();
    const link = document.createElement('link');
    link.rel = 'stylesheet';
    link.href = new URL('css/diff.css', document.baseURI).href;
    link.onload = resolve;
    link.onerror = resolve;
    document.head.append(link);
  });
  return linked;
}

export class RowList {
  /**
   * @param scroller the element that scrolls
   * @param content the element that holds the rows, inside the scroller
   * @param unit height of a row in pixels
   * @param source { blockAt(unit) → { start, units }, element(start) → Element, visible(first, last) }
   */
  constructor(scroller, content, unit, source) {
    this.scroller = scroller;
    this.content = content;
    this.unit = unit;
    this.source = source;
    this.count = 0;
    this.shown = new Map();
    this.queued = 0;
    this.onScroll = () => this.queue();
    scroller.addEventListener('scroll', this.onScroll, { passive: true });
    this.resize = new ResizeObserver(() => this.queue());
    this.resize.observe(scroller);
  }

  dispose() {
    this.scroller.removeEventListener('scroll', this.onScroll);
    this.resize.disconnect();
    cancelAnimationFrame(this.queued);
    this.content.replaceChildren();
  }

  get rowsInView() { return Math.max(1, Math.ceil(this.scroller.clientHeight / this.unit)); }

  get isScaled() { return this.count * this.unit > tallest; }

  /** The unit at the upper edge, with its fraction. */
  get top() {
    if (!this.isScaled) return this.scroller.scrollTop / this.unit;
    const range = tallest - this.scroller.clientHeight;
    return this.scroller.scrollTop / Math.max(1, range) * Math.max(0, this.count - this.scroller.clientHeight / this.unit);
  }

  /** Scrolls so that a unit stands at the upper edge, or so many pixels below it. */
  scrollTo(unit, below = 0) {
    const at = Math.max(0, unit - below / this.unit);
    this.scroller.scrollTop = this.isScaled
      ? at / Math.max(1, this.count - this.scroller.clientHeight / this.unit) * (tallest - this.scroller.clientHeight)
      : at * this.unit;
    this.render();
  }

  /** Takes another number of units and draws anew. */
  reset(count) {
    this.count = count;
    this.content.style.height = `${Math.min(tallest, count * this.unit)}px`;
    this.clear();
    this.render();
  }

  /** Draws again what is in view. */
  refresh() {
    this.clear();
    this.render();
  }

  /** Draws one block again, when it is in view. */
  replace(start) {
    const old = this.shown.get(start);
    if (!old) return;
    const element = this.place(start);
    old.replaceWith(element);
    this.shown.set(start, element);
  }

  clear() {
    // An element that has the focus stays in the page until its successor is there.
    for (const element of this.shown.values()) element.remove();
    this.shown.clear();
  }

  queue() {
    this.queued ||= requestAnimationFrame(() => {
      this.queued = 0;
      this.render();
    });
  }

  render() {
    const top = this.top;
    const first = Math.max(0, Math.floor(top) - overscan);
    const last = Math.min(this.count, Math.ceil(top) + this.rowsInView + overscan);
    const wanted = new Set();
    for (let unit = first; unit < last;) {
      const block = this.source.blockAt(unit);
      wanted.add(block.start);
      unit = block.start + Math.max(1, block.units);
    }

    for (const [start, element] of this.shown) {
      if (!wanted.has(start) && !element.contains(document.activeElement)) {
        element.remove();
        this.shown.delete(start);
      }
    }

    const added = document.createDocumentFragment();
    for (const start of wanted) {
      const known = this.shown.get(start);
      if (known) {
        if (this.isScaled) this.move(known, start);
        continue;
      }

      const element = this.place(start);
      this.shown.set(start, element);
      added.append(element);
    }

    this.content.append(added);
    this.source.visible?.(Math.floor(top), Math.min(this.count, Math.ceil(top) + this.rowsInView));
  }

  place(start) {
    const element = this.source.element(start);
    const block = this.source.blockAt(start);
    element.style.height = `${block.units * this.unit}px`;
    this.move(element, start);
    return element;
  }

  move(element, start) {
    const y = this.isScaled ? this.scroller.scrollTop + (start - this.top) * this.unit : start * this.unit;
    element.style.top = `${y}px`;
  }
}

/** Children in the order of the screen, for readers that follow the page's order. */
export function inOrder(content) {
  const rows = [...content.children].sort((a, b) => parseFloat(a.style.top) - parseFloat(b.style.top));
  content.append(...rows);
}

export function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

export function button(className, label, action, text) {
  const made = element('button', className, text ?? label);
  made.type = 'button';
  if (action) made.dataset.action = action;
  if (text !== undefined) {
    made.title = label;
    // Who speaks to the page says what is written on the button.
    if (!/[a-z0-9]/i.test(text)) made.setAttribute('aria-label', label);
  }

  return made;
}

/** Fetches JSON; what the server says went wrong becomes the message of the error. */
export async function fetchJson(address, signal) {
  const response = await fetch(new URL(address, document.baseURI), { headers: { accept: 'application/json' }, signal });
  if (response.ok) return response.json();
  const problem = await response.json().catch(() => null);
  throw Object.assign(new Error(problem?.detail ?? `The server answered ${response.status}.`), { status: response.status });
}

export function stored(key, fallback) {
  try {
    return JSON.parse(localStorage.getItem(key)) ?? fallback;
  } catch {
    return fallback;
  }
}

export function store(key, value) {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch { /* without storage it holds until the page is left */ }
}
