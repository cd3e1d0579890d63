// The whole output of a command: lines fetched as they come near the viewport, from a text of any length.
import { RowList, element, fetchJson, linkStyles } from './diff-list.js';
import { fillAnsi } from './log-ansi.js';

const unit = 20;
const chunkSize = 500;
const mostChunks = 60;
const mounted = new WeakMap();

/** @param options { attempt, item, live, line } */
export function mount(root, options) {
  linkStyles();
  mounted.get(root)?.dispose();
  mounted.set(root, new Output(root, options));
}

export function setLive(root, live) { mounted.get(root)?.setLive(live); }

export function unmount(root) {
  mounted.get(root)?.dispose();
  mounted.delete(root);
}

/** The step and line that the address names: #log=item_12:40. */
export function addressed() {
  const [, item, line] = /^#log=([A-Za-z0-9_]{1,64})(?::(\d{1,9}))?$/.exec(location.hash) ?? [];
  return item ? { item, line: line ? Number(line) : null } : null;
}

/** Brings a step to where it can be read. */
export function reveal(id) {
  document.getElementById(id)?.scrollIntoView({ block: 'start', behavior: 'instant' });
}

class Output {
  constructor(root, options) {
    Object.assign(this, { root, options, total: 0, bytes: 0, chunks: new Map(), hits: [], hit: -1, target: options.line ? options.line - 1 : -1 });
    this.scroller = this.part('scroller');
    this.list = new RowList(this.scroller, this.part('rows'), unit, this);
    this.search = this.part('search');
    this.onInput = () => {
      clearTimeout(this.searching);
      this.searching = setTimeout(() => this.find(), 250);
    };
    this.onKey = event => {
      if (event.key === 'Enter') {
        event.preventDefault();
        this.step(event.shiftKey ? -1 : 1);
      }
    };
    this.onClick = event => this.click(event);
    this.search.addEventListener('input', this.onInput);
    this.search.addEventListener('keydown', this.onKey);
    root.addEventListener('click', this.onClick);
    this.abort = new AbortController();
    this.start();
  }

  part(name) { return this.root.querySelector(`[data-part="${name}"]`); }

  dispose() {
    this.abort.abort();
    clearTimeout(this.searching);
    clearTimeout(this.polling);
    this.search.removeEventListener('input', this.onInput);
    this.search.removeEventListener('keydown', this.onKey);
    this.root.removeEventListener('click', this.onClick);
    this.list.dispose();
  }

  async start() {
    await this.fetch(this.target > 0 ? Math.floor(this.target / chunkSize) : 0);
    if (this.target >= 0) this.list.scrollTo(this.target, 80);
    this.setLive(this.options.live);
  }

  setLive(live) {
    this.options.live = live;
    clearTimeout(this.polling);
    if (live && !this.abort.signal.aborted) this.polling = setTimeout(() => this.grow(), 700);
    else if (this.wasLive) this.grow();
    this.wasLive = live;
  }

  // Follows the end while the person is there.
  async grow() {
    const followed = this.list.top + this.list.rowsInView >= this.total - 1;
    const before = this.total;
    const last = Math.max(0, Math.floor((this.total - 1) / chunkSize));
    this.chunks.delete(last);
    await this.fetch(last);
    if (followed && this.total > before) this.list.scrollTo(this.total);
    if (this.options.live && !this.abort.signal.aborted) this.polling = setTimeout(() => this.grow(), 700);
  }

  async fetch(number) {
    if (this.chunks.has(number)) return;
    this.chunks.set(number, null);
    try {
      const answer = await fetchJson(`review/attempts/${this.options.attempt}/output/${this.options.item}?from=${number * chunkSize}&count=${chunkSize}`, this.abort.signal);
      this.chunks.delete(number);
      this.chunks.set(number, answer.lines);
      for (const key of this.chunks.keys()) {
        if (this.chunks.size <= mostChunks) break;
        this.chunks.delete(key);
      }

      this.take(answer);
    } catch (error) {
      if (this.abort.signal.aborted) return;
      this.chunks.delete(number);
      this.part('problem').textContent = error.message;
    }
  }

  take(answer) {
    this.bytes = answer.bytes;
    this.part('problem').textContent = answer.total === 0 && !this.options.live ? 'The command wrote nothing.' : '';
    this.part('size').textContent = answer.total ? `${answer.total.toLocaleString('en')} ${answer.total === 1 ? 'line' : 'lines'}` : '';
    this.scroller.style.height = `${Math.max(1, Math.min(answer.total, 28)) * unit + 12}px`;
    this.scroller.hidden = answer.total === 0;
    const digits = Math.max(2, String(answer.total).length);
    this.part('rows').style.setProperty('--digits', digits);
    if (answer.total !== this.total) {
      this.total = answer.total;
      this.list.reset(this.total);
    } else this.list.refresh();
  }

  blockAt(at) { return { start: at, units: 1 }; }

  element(at) {
    const row = element('div', 'row unit');
    const line = this.chunks.get(Math.floor(at / chunkSize))?.[at % chunkSize];
    if (line === undefined) {
      row.classList.add('coming');
      return row;
    }

    const number = element('span', 'n');
    number.dataset.line = at + 1;
    number.dataset.at = at;
    number.title = 'Link to this line';
    const text = element('span', 't');
    fillAnsi(text, line);
    this.longest = Math.max(this.longest ?? 0, Math.min(5_000, line.length));
    row.append(number, text);
    row.classList.toggle('target', at === this.target);
    row.classList.toggle('hit', this.hitSet?.has(at) ?? false);
    return row;
  }

  visible(first, last) {
    for (let number = Math.floor(first / chunkSize); number <= Math.floor(Math.max(0, last - 1) / chunkSize); number++) {
      if (!this.chunks.has(number) && number * chunkSize < this.total) this.fetch(number);
    }

    this.part('rows').style.minWidth = this.longest ? `calc(${this.longest} * 1ch + var(--number) + 2ch)` : '';
  }

  async find() {
    const text = this.search.value;
    this.hits = [];
    this.hit = -1;
    this.more = false;
    if (text.length > 0) {
      try {
        const answer = await fetchJson(`review/attempts/${this.options.attempt}/output/${this.options.item}/search?text=${encodeURIComponent(text.slice(0, 200))}`, this.abort.signal);
        if (this.search.value !== text) return;
        this.hits = answer.lines;
        this.more = answer.more;
      } catch (error) {
        if (!this.abort.signal.aborted) this.part('found').textContent = error.message;
        return;
      }
    }

    this.hitSet = new Set(this.hits);
    if (this.hits.length > 0) this.step(1);
    else {
      this.target = -1;
      this.list.refresh();
    }

    this.showFound(text);
  }

  step(by) {
    if (this.hits.length === 0) return;
    this.hit = (this.hit + by + this.hits.length) % this.hits.length;
    this.target = this.hits[this.hit];
    this.list.scrollTo(this.target, 100);
    this.list.refresh();
    this.showFound(this.search.value);
  }

  showFound(text) {
    this.part('found').textContent = text.length === 0 ? '' : this.hits.length === 0 ? 'Not found' : `${this.hit + 1} of ${this.hits.length.toLocaleString('en')}${this.more ? '+' : ''}`;
  }

  click(event) {
    const action = event.target.closest('[data-action]')?.dataset.action;
    if (action === 'next-hit') return this.step(1);
    if (action === 'previous-hit') return this.step(-1);
    if (action === 'to-end') return this.list.scrollTo(this.total);
    const number = event.target.closest('.n');
    if (!number) return;
    this.target = Number(number.dataset.at);
    history.replaceState(history.state, '', `${location.pathname}${location.search}#log=${this.options.item}:${this.target + 1}`);
    this.list.refresh();
  }
}
