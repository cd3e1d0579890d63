// A file at a commit, with the lines that a link names.
import { RowList, element, fetchJson, linkStyles } from './diff-list.js';
import { colourLines, fillLine } from './diff-text.js';

const unit = 20;
const chunkSize = 300;
const mounted = new WeakMap();

/** @param options { repository, commit, path, lines } */
export async function mount(root, options) {
  await linkStyles();
  unmount(root);
  const file = new FileView(root, options);
  mounted.set(root, file);
  await file.load();
}

export function unmount(root) {
  mounted.get(root)?.dispose();
  mounted.delete(root);
}

class FileView {
  constructor(root, options) {
    Object.assign(this, { root, options, lines: [], colours: new Map(), range: null });
    this.scroller = this.part('scroller');
    this.list = new RowList(this.scroller, this.part('rows'), unit, this);
    this.onHash = () => this.goTo(location.hash.slice(1));
    this.onClick = event => this.click(event);
    addEventListener('hashchange', this.onHash);
    root.addEventListener('click', this.onClick);
  }

  part(name) { return this.root.querySelector(`[data-part="${name}"]`); }

  dispose() {
    removeEventListener('hashchange', this.onHash);
    this.root.removeEventListener('click', this.onClick);
    this.list.dispose();
    this.isGone = true;
  }

  async load() {
    try {
      const { repository, commit, path } = this.options;
      const answer = await fetchJson(`review/repositories/${repository}/text?${new URLSearchParams({ commit, path })}`);
      if (this.isGone) return;
      if (answer.problem) return this.say('problem', answer.problem);
      this.lines = answer.lines;
      this.say(this.lines.length ? 'full' : 'problem', this.lines.length ? '' : 'The file is empty.');
      this.part('size').textContent = `${this.lines.length.toLocaleString('en')} ${this.lines.length === 1 ? 'line' : 'lines'} · ${answer.size.toLocaleString('en')} bytes`;
      const rows = this.part('rows');
      rows.style.setProperty('--digits', Math.max(2, String(this.lines.length).length));
      const longest = this.lines.reduce((most, line) => Math.max(most, line.length), 0);
      rows.style.minWidth = `calc(${Math.min(longest, 5_000)} * 1ch + var(--number) + 2ch)`;
      this.list.reset(this.lines.length);
      this.goTo(location.hash.slice(1) || this.options.lines || '');
    } catch (error) {
      this.say('problem', error.message);
    }
  }

  say(state, text) {
    this.root.dataset.state = state;
    this.part('problem').textContent = text;
  }

  /** @param text L12-L18, L12, 12-18 or 12 */
  goTo(text) {
    const [, from, to] = /^L?(\d{1,9})(?:-L?(\d{1,9}))?$/.exec(text) ?? [];
    if (!from) return;
    const ends = [Number(from), Number(to ?? from)].sort((a, b) => a - b);
    this.range = { from: ends[0], to: Math.min(ends[1], this.lines.length) };
    if (this.range.from > this.lines.length) {
      this.part('note').textContent = `The file has no line ${from}.`;
      return;
    }

    this.part('note').textContent = this.range.to > this.range.from ? `Lines ${this.range.from} to ${this.range.to}` : `Line ${this.range.from}`;
    this.list.scrollTo(this.range.from - 1, 120);
    this.list.refresh();
  }

  blockAt(at) { return { start: at, units: 1 }; }

  element(at) {
    const row = element('div', 'row unit');
    const number = element('span', 'n');
    number.dataset.line = at + 1;
    number.title = 'Link to this line; shift-click for a range';
    const text = element('span', 't');
    const line = this.lines[at].length > 5_000 ? this.lines[at].slice(0, 5_000) : this.lines[at];
    fillLine(text, line, null, this.colours.get(Math.floor(at / chunkSize))?.[at % chunkSize], false);
    if (line.length < this.lines[at].length) text.append(element('span', 'left-out', `… ${(this.lines[at].length - 5_000).toLocaleString('en')} more characters`));
    row.append(number, text);
    row.classList.toggle('target', this.range !== null && at + 1 >= this.range.from && at + 1 <= this.range.to);
    return row;
  }

  visible(first, last) {
    for (let number = Math.floor(first / chunkSize); number <= Math.floor(Math.max(0, last - 1) / chunkSize); number++) this.colour(number);
  }

  async colour(number) {
    if (this.colours.has(number) || number * chunkSize >= this.lines.length) return;
    this.colours.set(number, null);
    // Some lines before it, so that what began above is seen, a comment for example.
    const start = Math.max(0, number * chunkSize - 200);
    const colours = await colourLines(this.lines.slice(start, (number + 1) * chunkSize), this.options.path);
    if (!colours || this.isGone) return;
    this.colours.set(number, colours.slice(number * chunkSize - start));
    this.list.refresh();
  }

  click(event) {
    const number = event.target.closest('.n');
    if (!number) return;
    const line = Number(number.dataset.line);
    const [from, to] = event.shiftKey && this.range ? [Math.min(line, this.range.from), Math.max(line, this.range.to)] : [line, line];
    const hash = from === to ? `L${from}` : `L${from}-L${to}`;
    history.replaceState(history.state, '', `${location.pathname}${location.search}#${hash}`);
    this.range = { from, to };
    this.part('note').textContent = from === to ? `Line ${from}` : `Lines ${from} to ${to}`;
    this.list.refresh();
  }
}
