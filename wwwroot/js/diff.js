// The changes of an attempt: all files in one scroll, rows fetched as they come near the viewport.
// The page around it is Blazor's; what is inside the parts named by data-part belongs to this module.
import { RowList, button, element, fetchJson, inOrder, linkStyles, store, stored } from './diff-list.js';
import { blockIndex, buildLayout, gapRange } from './diff-layout.js';
import { fileHead, gapRow, noteRow, imageRow, codeRow, draftBlock, editorBlock } from './diff-rows.js';
import { DiffRows } from './diff-fetch.js';
import { FileTree } from './diff-tree.js';
import { attachKeys } from './diff-keys.js';
import { Picks } from './diff-picks.js';

const unit = 20;
const mounted = new WeakMap();

/** @param options { attempt, repository, file, scope } */
export async function mount(root, dotnet, options) {
  const styled = linkStyles();
  const changes = new Changes(root, dotnet, options);
  mounted.set(root, changes);
  await changes.load(null, styled);
  if (options.file) changes.goToFile(options.file);
}

export const refresh = (root, at) => mounted.get(root)?.refreshAt(at);
export const goToFile = (root, path) => mounted.get(root)?.goToFile(path);
export const setScope = (root, scope) => mounted.get(root)?.setScope(scope);
export const draftsOf = root => mounted.get(root)?.drafts.map(({ path, line, side, text }) => ({ path, line, side, text })) ?? [];
export const clearPicks = root => mounted.get(root)?.clearPicks();
export const sent = root => mounted.get(root)?.clearDrafts();
export const unmount = root => {
  mounted.get(root)?.dispose();
  mounted.delete(root);
};

class Changes {
  constructor(root, dotnet, options) {
    Object.assign(this, { root, dotnet, options, scope: options.scope ?? 'all' });
    this.settings = { split: false, wrap: true, white: false, files: null, ...stored('codexweb.diff', {}) };
    this.viewed = new Set(stored(`codexweb.viewed.${options.attempt}`, []));
    this.drafts = stored(`codexweb.drafts.${options.attempt}`, []);
    this.folded = new Map();
    this.expanded = new Map();
    this.data = { at: '', commit: '', files: [], filesLeftOut: 0, added: 0, removed: 0 };
    this.blocks = [];
    this.cursor = null;
    this.editing = null;
    this.from = null;

    this.picks = new Picks(names => dotnet.invokeMethodAsync('PicksChanged', names));
    this.scroller = this.part('scroller');
    this.content = this.part('rows');
    this.sticky = this.part('sticky');
    this.rows = new DiffRows(() => this.address('rows'), (file, from, to) => this.drawRows(file, from, to), error => this.rowsFailed(error));
    this.list = new RowList(this.scroller, this.content, unit, this);
    this.tree = new FileTree(this.part('tree'), path => this.goToFile(path));
    this.onClick = event => this.click(event);
    this.onChange = event => this.change(event);
    root.addEventListener('click', this.onClick);
    root.addEventListener('change', this.onChange);
    this.detachKeys = attachKeys(this);
    this.resized = new ResizeObserver(() => this.fit());
    this.resized.observe(root);
    this.showSettings();
    this.countDrafts();
  }

  part(name) { return this.root.querySelector(`[data-part="${name}"]`); }

  dispose() {
    this.root.removeEventListener('click', this.onClick);
    this.root.removeEventListener('change', this.onChange);
    this.detachKeys();
    this.resized.disconnect();
    this.list.dispose();
    this.tree.dispose();
    this.rows.dispose();
    clearTimeout(this.fitting);
  }

  // --- Loading ---

  get view() { return this.settings.split && !this.narrow ? 'split' : 'unified'; }

  get narrow() { return this.root.clientWidth < 560; }

  // Lines of another attempt cannot be remarked on here: they are not this one's.
  get comments() { return !this.scope.startsWith('against:'); }

  address(kind, at = this.data.at) {
    const query = new URLSearchParams({ scope: this.scope, view: this.view });
    if (this.columns) query.set('wrap', this.columns);
    if (this.settings.white) query.set('white', 'ignore');
    if (at) query.set('at', at);
    return `review/attempts/${this.options.attempt}/${kind}?${query}`;
  }

  fetchDiff() { return fetchJson(this.address('diff', null)); }

  async load(anchor = null, styled = null) {
    await styled;
    this.columns = this.settings.wrap ? this.measureColumns() : 0;
    try {
      this.apply(await this.fetchDiff(), anchor);
    } catch (error) {
      this.fail(error);
    }
  }

  apply(data, anchor) {
    this.data = data;
    this.pending = null;
    this.root.dataset.state = data.files.length === 0 ? 'empty' : 'full';
    this.part('problem').textContent = '';
    this.toggle('changed', false);
    let rank = 0;
    const groups = ['Main', 'Tests', 'Generated', 'Locks'];
    for (const file of data.files) {
      file.index = rank++;
      let row = 0;
      for (const hunk of file.hunks) {
        hunk.row = row;
        row += hunk.rows;
      }
    }

    this.files = [...data.files].sort((a, b) => groups.indexOf(a.group) - groups.indexOf(b.group) || a.index - b.index);
    const last = data.files.flatMap(f => f.hunks.slice(-1)).reduce((most, h) => Math.max(most, h.old[0] + h.old[1], h.new[0] + h.new[1]), 1);
    this.digits = Math.max(3, String(last + 100).length);
    this.content.style.setProperty('--digits', this.digits);
    this.rows.clear();
    this.expanded.clear();
    this.picks.keep(data.files);
    this.placeDrafts();
    this.layout();
    this.tree.show(this.files, data.filesLeftOut);
    this.showTotals();
    this.restore(anchor);
  }

  fail(error) {
    this.root.dataset.state = 'failed';
    this.part('problem').textContent = error.message;
  }

  rowsFailed(error) {
    if (error.status === 409) this.load(this.anchor());
    else this.fail(error);
  }

  // The attempt went on: what the person is reading stays where it is, or the pill says that there is something newer.
  async refreshAt(at) {
    if (!at || at === this.data.at || at === this.asked) return;
    this.asked = at;
    try {
      const data = await this.fetchDiff();
      const anchor = this.anchor();
      if (this.data.files.length === 0 || !anchor || this.finds(data, anchor)) this.apply(data, anchor);
      else {
        this.pending = data;
        this.toggle('changed', true);
      }
    } catch (error) {
      if (this.data.files.length === 0) this.fail(error);
    }
  }

  async setScope(scope) {
    this.scope = scope;
    this.picks.clear();
    this.editing = null;
    this.root.classList.toggle('no-comments', !this.comments);
    await this.load();
  }

  finds(data, anchor) {
    const file = data.files.find(f => f.path === anchor.path);
    return file && (anchor.hash === null || file.hunks.some(h => h.hash === anchor.hash));
  }

  anchor() {
    if (this.blocks.length === 0) return null;
    const top = this.list.top;
    if (top < 1) return null;
    const block = this.blocks[blockIndex(this.blocks, Math.floor(top))];
    return { path: block.file.path, hash: block.hunk?.hash ?? null, offset: top - block.start, kind: block.kind };
  }

  restore(anchor) {
    if (!anchor) return;
    const block = this.blocks.find(b => b.file.path === anchor.path && b.kind === anchor.kind && (b.hunk?.hash ?? null) === anchor.hash)
      ?? this.blocks.find(b => b.file.path === anchor.path);
    if (block) this.list.scrollTo(block.start + Math.min(anchor.offset, Math.max(0, block.units - 1)));
  }

  // --- Layout ---

  layout() {
    this.blocks = buildLayout(this.files, {
      isFolded: file => this.isFolded(file),
      expansion: (file, gap) => this.expanded.get(`${file.path}\n${gap}`),
      draftsOf: file => this.drafts.filter(d => this.comments && d.path === file.path && d.row !== undefined && d !== this.editing),
      editing: this.editing,
    });
    const end = this.blocks.at(-1);
    this.list.reset(end ? end.start + end.units : 0);
    this.content.setAttribute('aria-rowcount', String(this.list.count));
    this.sizeContent();
  }

  isFolded(file) {
    return this.folded.get(file.path) ?? (this.isViewed(file) || file.group === 'Generated' || file.group === 'Locks');
  }

  marksOf(file) { return file.hunks.length > 0 ? file.hunks.map(h => h.hash) : [file.hash]; }

  isViewed(file) { return this.marksOf(file).every(hash => this.viewed.has(hash)); }

  measureColumns() {
    const probe = element('span', 'diff-probe', '0'.repeat(50));
    this.content.append(probe);
    this.character = probe.getBoundingClientRect().width / 50 || 7.2;
    probe.remove();
    const width = this.scroller.clientWidth;
    if (width === 0) return 0;
    const number = (this.digits ?? 4) + 2;
    const columns = this.view === 'split'
      ? (width / 2 - 14) / this.character - number - 2
      : (width - 14) / this.character - (this.narrow ? number : 2 * number) - 2;
    return Math.max(20, Math.floor(columns));
  }

  // Without wrapping, the rows are as wide as the longest line seen so far.
  sizeContent() {
    this.root.classList.toggle('narrow', this.narrow);
    this.content.classList.toggle('split', this.view === 'split');
    const longest = this.settings.wrap ? 0 : this.rows.longest;
    this.content.style.minWidth = longest ? `calc(${this.view === 'split' ? 2 : 1} * (${longest} * 1ch + var(--gutter)))` : '';
  }

  fit() {
    clearTimeout(this.fitting);
    this.fitting = setTimeout(() => {
      if (this.scroller.clientWidth === 0) return;
      const columns = this.settings.wrap ? this.measureColumns() : 0;
      this.root.classList.toggle('wide', this.root.clientWidth >= 860);
      this.showSettings();
      const view = `${this.view}/${columns}`;
      if (this.data.at && view !== `${this.fitted ?? this.view + '/' + this.columns}`) {
        this.fitted = view;
        this.load(this.anchor());
      }
    }, 120);
  }

  // --- What the list asks for ---

  blockAt(at) {
    const block = this.blocks[blockIndex(this.blocks, at)];
    return block.kind === 'hunk' || block.kind === 'context' ? { start: at, units: 1 } : block;
  }

  element(start) {
    const block = this.blocks[blockIndex(this.blocks, start)];
    const made = this.make(block, start);
    made.classList.add('unit');
    // A row has cells; the space below a file, and a row still on its way, have none.
    if (made.firstChild) {
      made.setAttribute('role', 'row');
      made.setAttribute('aria-rowindex', String(start + 1));
    } else made.setAttribute('role', 'presentation');
    return made;
  }

  make(block, start) {
    switch (block.kind) {
      case 'head': return fileHead(this, block.file);
      case 'gap': return gapRow(this, block);
      case 'note': return noteRow(this, block.file);
      case 'image': return imageRow(block.file, side => this.address('image') + `&file=${block.file.index}&side=${side}`);
      case 'draft': return draftBlock(this, block);
      case 'editor': return editorBlock(this, block);
      case 'space': return element('div', 'space');
      case 'context': return codeRow(this, block, block.rows[start - block.start]);
      default: return codeRow(this, block, this.rows.row(block.file, block.from + start - block.start), block.from + start - block.start);
    }
  }

  visible(first, last) {
    this.rows.fill(this.wantedRows(first, last));
    this.showSticky(first);
    clearTimeout(this.ordering);
    this.ordering = setTimeout(() => {
      if (!this.content.contains(document.activeElement)) inOrder(this.content);
    }, 200);
  }

  *wantedRows(first, last) {
    for (let i = this.blocks.length ? blockIndex(this.blocks, first) : 0; i < this.blocks.length && this.blocks[i].start < last; i++) {
      const block = this.blocks[i];
      if (block.kind === 'hunk') {
        yield [block.file, block.from + Math.max(0, first - block.start), block.from + Math.min(block.units, last - block.start)];
      }
    }
  }

  drawRows(file, from, to) {
    for (const block of this.blocks) {
      if (block.kind !== 'hunk' || block.file !== file || block.from >= to || block.from + block.units <= from) continue;
      const start = block.start + Math.max(0, from - block.from);
      const end = block.start + Math.min(block.units, to - block.from);
      for (const at of [...this.list.shown.keys()]) if (at >= start && at < end) this.list.replace(at);
    }

    if (!this.settings.wrap) this.sizeContent();
  }

  // The heading of the file at the upper edge stays in sight.
  showSticky(first) {
    const block = this.blocks.length ? this.blocks[blockIndex(this.blocks, first)] : null;
    const file = block && block.kind !== 'space' && !(block.kind === 'head' && this.list.top <= block.start) ? block.file : null;
    const key = file ? `${file.index}/${this.isFolded(file)}/${this.isViewed(file)}/${this.data.at}` : '';
    if (this.sticky.dataset.of === key) return;
    this.sticky.dataset.of = key;
    this.sticky.hidden = !file;
    this.sticky.replaceChildren(...(file ? [fileHead(this, file)] : []));
    this.tree.current(block?.file.path);
  }

  // --- Toolbar ---

  toggle(name, shown) { this.part(name).hidden = !shown; }

  showSettings() {
    const filesShown = this.settings.files ?? this.root.clientWidth >= 860;
    this.root.classList.toggle('with-tree', filesShown);
    for (const [name, pressed] of Object.entries({ split: this.view === 'split', wrap: this.settings.wrap, white: this.settings.white, files: filesShown })) {
      this.root.querySelector(`[data-action="${name}"]`)?.setAttribute('aria-pressed', String(pressed));
    }
  }

  showTotals() {
    const hunks = this.files.flatMap(f => this.marksOf(f));
    const viewed = hunks.filter(hash => this.viewed.has(hash)).length;
    this.part('progress').textContent = hunks.length ? `${viewed} of ${hunks.length} ${hunks.length === 1 ? 'hunk' : 'hunks'} viewed` : '';
    this.part('stats').replaceChildren(
      element('span', 'plus', `+${this.data.added.toLocaleString('en')}`), ' ', element('span', 'minus', `−${this.data.removed.toLocaleString('en')}`));
  }

  async set(name, value) {
    const anchor = this.anchor();
    this.settings[name] = value;
    store('codexweb.diff', this.settings);
    this.showSettings();
    if (name !== 'files') {
      this.fitted = null;
      await this.load(anchor);
    } else this.fit();
  }

  click(event) {
    const target = event.target.closest('[data-action], .n');
    if (!target || !this.root.contains(target)) return;
    const action = target.dataset.action;
    const file = this.fileOf(target);
    switch (action) {
      case 'split': return this.set('split', !this.settings.split);
      case 'wrap': return this.set('wrap', !this.settings.wrap);
      case 'white': return this.set('white', !this.settings.white);
      case 'files': return this.set('files', !this.root.classList.contains('with-tree'));
      case 'retry': return this.load();
      case 'show-changed': return this.pending && this.apply(this.pending, this.anchor());
      case 'fold': return this.fold(file, !this.isFolded(file));
      case 'fold-all': return this.foldAll();
      case 'view-hunk': return this.mark([target.dataset.hash], !this.viewed.has(target.dataset.hash));
      case 'pick-hunk': return this.pick(file, file.hunks[Number(target.dataset.hunk)]);
      case 'pick-file': return this.pick(file, null);
      case 'expand': return this.expand(file, Number(target.dataset.gap), target.dataset.side, Number(target.dataset.count));
      case 'keep-draft': return this.keepDraft(target.closest('.editor').querySelector('textarea').value);
      case 'cancel-draft': return this.edit(null);
      case 'edit-draft': return this.edit(this.drafts.find(d => d.id === target.dataset.draft));
      case 'drop-draft': return this.dropDraft(target.dataset.draft);
      default: if (target.matches('.n')) this.comment(target.closest('.unit'), target, event.shiftKey);
    }
  }

  change(event) {
    if (event.target.matches('[data-action="view-file"]')) {
      const file = this.fileOf(event.target);
      this.folded.delete(file.path);
      this.mark(this.marksOf(file), event.target.checked, file);
    }
  }

  fileOf(node) {
    const index = node.closest('[data-file]')?.dataset.file;
    return index === undefined ? null : this.data.files[Number(index)];
  }

  // --- Viewed marks ---

  mark(hashes, viewed, keepAt = null) {
    for (const hash of hashes) {
      this.viewed.delete(hash);
      if (viewed) this.viewed.add(hash);
    }

    store(`codexweb.viewed.${this.options.attempt}`, [...this.viewed].slice(-20_000));
    const top = keepAt && !this.sticky.hidden ? keepAt : null;
    this.relayout(top);
    this.showTotals();
  }

  // --- Selected hunks ---

  pick(file, hunk) {
    if (hunk) this.picks.toggle(file, hunk);
    else this.picks.toggleAll(file);
    this.redraw();
  }

  pickHunk() {
    const { hunks, at } = this.currentHunk();
    if (!hunks[at]) return;
    this.pick(hunks[at].file, hunks[at].hunk);
    this.say(this.picks.has(hunks[at].file, hunks[at].hunk) ? 'Selected' : 'Not selected any more');
  }

  clearPicks() {
    this.picks.clear();
    this.redraw();
  }

  redraw() {
    this.sticky.dataset.of = '?';
    const focused = document.activeElement?.closest?.('[data-action]')?.dataset;
    const again = focused && `[data-action="${focused.action}"][data-hunk="${focused.hunk}"]`;
    const file = focused && document.activeElement.closest('[data-file]')?.dataset.file;
    this.list.refresh();
    if (again && file !== undefined) this.root.querySelector(`[data-file="${file}"] ${again}`)?.focus({ preventScroll: true });
  }

  fold(file, folded) {
    this.folded.set(file.path, folded);
    this.relayout(this.sticky.hidden ? null : file);
  }

  foldAll() {
    const folded = !this.files.every(f => this.isFolded(f));
    for (const file of this.files) this.folded.set(file.path, folded);
    this.relayout();
  }

  // Keeps what is at the upper edge where it is; a folded file's heading takes its place.
  relayout(to = null) {
    const anchor = this.anchor();
    this.layout();
    this.sticky.dataset.of = '?';
    if (to) this.goToFile(to.path);
    else this.restore(anchor);
    this.list.render();
  }

  // --- Moving ---

  goToFile(path) {
    const block = this.blocks.find(b => b.kind === 'head' && b.file.path === path);
    if (block) {
      this.list.scrollTo(block.start);
      this.cursor = { path, hunk: -1 };
    }
  }

  hunkBlocks() { return this.blocks.filter(b => b.kind === 'gap' && b.hunk); }

  currentHunk() {
    const hunks = this.hunkBlocks();
    const [top, bottom] = [this.list.top, this.list.top + this.list.rowsInView];
    const at = this.cursor ? hunks.findIndex(b => b.file.path === this.cursor.path && b.gap === this.cursor.hunk) : -1;
    // The cursor holds while any of its hunk is in sight.
    if (at >= 0 && hunks[at].start < bottom && hunks[at].start + 1 + hunks[at].hunk.rows > top) return { hunks, at };
    return { hunks, at: hunks.findLastIndex(b => b.start <= top + 3) };
  }

  moveHunk(step) {
    const { hunks, at } = this.currentHunk();
    const next = hunks[Math.max(0, Math.min(hunks.length - 1, at + step))];
    if (!next) return;
    this.cursor = { path: next.file.path, hunk: next.gap };
    this.list.scrollTo(next.start, 60);
    this.list.refresh();
    this.say(`${next.file.path}, ${next.hunk.section || `line ${next.hunk.new[0]}`}`);
  }

  moveFile(step) {
    const heads = this.blocks.filter(b => b.kind === 'head');
    const now = heads.findLastIndex(b => b.start <= this.list.top + 1);
    const back = step < 0 && now >= 0 && this.list.top > heads[now].start + 1 ? 0 : step;
    const next = heads[Math.max(0, Math.min(heads.length - 1, now + back))];
    if (next) {
      this.goToFile(next.file.path);
      this.say(next.file.path);
    }
  }

  viewHunk() {
    const { hunks, at } = this.currentHunk();
    const block = hunks[at];
    if (!block) return;
    const viewed = !this.viewed.has(block.hunk.hash);
    this.mark([block.hunk.hash], viewed);
    if (viewed && !this.isFolded(block.file)) this.moveHunk(1);
  }

  commentHunk() {
    const { hunks, at } = this.currentHunk();
    const block = hunks[at];
    if (!block) return;
    for (let row = block.hunk.row; row < block.hunk.row + block.hunk.rows; row++) {
      const found = this.rows.row(block.file, row);
      const cell = found?.r ?? found?.l;
      if (found && (found.l?.k === 'r' || found.r?.k === 'a')) return this.startComment(block.file, row, found.r?.k === 'a' ? found.r : cell);
    }
  }

  say(text) { this.part('said').textContent = text; }

  // --- Lines around hunks ---

  async expand(file, gap, side, count) {
    const key = `${file.path}\n${gap}`;
    const state = this.expanded.get(key) ?? { up: [], down: [], upLines: 0, downLines: 0, total: null };
    const { from, to } = gapRange(file, gap, state);
    const all = to === null ? count : Math.min(count, to - from + 1);
    const start = side === 'down' && to !== null ? to - all + 1 : from;
    try {
      const answer = await fetchJson(`${this.address('context')}&file=${file.index}&from=${start}&count=${all}`);
      const lines = answer.rows.filter(r => r.r.n !== undefined).length;
      state.total = answer.total;
      if (side === 'down') {
        state.down = [...answer.rows, ...state.down];
        state.downLines += lines;
      } else {
        state.up = [...state.up, ...answer.rows];
        state.upLines += lines;
      }

      this.expanded.set(key, state);
      this.relayout();
    } catch (error) {
      this.say(error.message);
      this.expanded.set(key, { ...state, problem: error.message });
      this.relayout();
    }
  }

  // --- Comments ---

  comment(row, number, extends_) {
    const at = Number(row.dataset.row);
    const file = this.fileOf(row);
    if (Number.isNaN(at) || !file) return;
    const found = this.rows.row(file, at);
    const cell = number.classList.contains('left') ? found?.l ?? found?.r : found?.r ?? found?.l;
    if (!cell || (cell.n === undefined && cell.o === undefined)) return;
    if (extends_ && this.editing?.path === file.path) {
      const line = this.editing.side === 'old' ? cell.o : cell.n;
      if (line !== undefined) {
        this.editing.firstLine = Math.min(this.editing.firstLine ?? this.editing.line, line);
        this.editing.line = Math.max(this.editing.line, line);
        this.editing.row = Math.max(this.editing.row, at);
        this.editing.typed = this.part('rows').querySelector('.editor textarea')?.value;
        return this.edit(this.editing);
      }
    }

    this.startComment(file, at, cell);
  }

  startComment(file, row, cell) {
    if (!this.comments) return;
    // Below the last row of a line that was wrapped.
    for (let next = this.rows.row(file, row + 1); next && !starts(next); next = this.rows.row(file, row + 1)) row++;
    const side = cell.k === 'r' ? 'old' : 'new';
    this.edit({ id: crypto.randomUUID?.() ?? String(Math.random()), path: file.path, side, line: side === 'old' ? cell.o : cell.n, row, text: '', isNew: true });
  }

  edit(draft) {
    this.editing = draft;
    this.relayout();
    if (!draft) return this.scroller.focus({ preventScroll: true });
    const box = this.content.querySelector('.editor textarea');
    box?.focus({ preventScroll: true });
  }

  keepDraft(text) {
    const draft = this.editing;
    const trimmed = text.trim();
    if (trimmed.length === 0) return this.edit(null);
    const others = this.drafts.filter(d => d !== draft && d.id !== draft.id);
    if (others.reduce((sum, d) => sum + d.text.length, 0) + trimmed.length > 20_000) {
      this.content.querySelector('.editor .draft-problem').textContent = 'All comments together may have 20,000 characters. Send the others first.';
      return;
    }

    const { isNew: _, typed: __, ...kept } = draft;
    kept.text = kept.firstLine && isNewRange(draft) ? `(lines ${kept.firstLine}–${kept.line}) ${trimmed}` : trimmed;
    this.drafts = [...others, kept];
    this.saveDrafts();
    this.edit(null);
  }

  dropDraft(id) {
    this.drafts = this.drafts.filter(d => d.id !== id);
    this.saveDrafts();
    this.relayout();
  }

  clearDrafts() {
    this.drafts = [];
    this.saveDrafts();
    this.relayout();
  }

  saveDrafts() {
    store(`codexweb.drafts.${this.options.attempt}`, this.drafts.map(({ row: _, ...draft }) => draft));
    this.countDrafts();
  }

  countDrafts() { this.dotnet.invokeMethodAsync('DraftsChanged', this.drafts.length); }

  // Where a comment's line stands depends on the layout, which the server knows.
  async placeDrafts() {
    const at = this.data.at;
    for (const draft of this.drafts) {
      const file = this.data.files.find(f => f.path === draft.path);
      draft.row = undefined;
      if (!file) continue;
      const place = await fetchJson(`${this.address('place')}&file=${file.index}&line=${draft.line}&side=${draft.side}`).catch(() => null);
      if (at !== this.data.at) return;
      if (place?.hunk !== undefined && place.hunk !== null) draft.row = place.row;
    }

    if (this.drafts.length > 0) this.relayout();
  }
}

const starts = row => [row.l, row.r].some(cell => cell && (cell.o !== undefined || cell.n !== undefined));

const isNewRange = draft => draft.firstLine < draft.line && !draft.text.startsWith('(lines ');
