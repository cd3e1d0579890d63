// The changed files by folder, with a search. A flat list of rows, so that thousands of files cost what is in view.
import { RowList, element } from './diff-list.js';
import { appendText } from './diff-text.js';

const titles = { Tests: 'Tests', Generated: 'Generated', Locks: 'Lock files' };
const letters = { Changed: 'M', Added: 'A', Deleted: 'D', Renamed: 'R', Copied: 'C' };

export class FileTree {
  constructor(root, open) {
    this.root = root;
    this.open = open;
    this.files = [];
    this.folded = new Set(['Generated', 'Locks']);
    this.search = root.querySelector('input');
    this.scroller = root.querySelector('[data-part="tree-scroller"]');
    this.list = new RowList(this.scroller, root.querySelector('[data-part="tree-rows"]'), 26, this);
    this.onInput = () => this.layout();
    this.onClick = event => this.click(event);
    this.onKey = event => this.key(event);
    this.search.addEventListener('input', this.onInput);
    root.addEventListener('click', this.onClick);
    root.addEventListener('keydown', this.onKey);
  }

  dispose() {
    this.search.removeEventListener('input', this.onInput);
    this.root.removeEventListener('click', this.onClick);
    this.root.removeEventListener('keydown', this.onKey);
    this.list.dispose();
  }

  show(files, leftOut) {
    Object.assign(this, { files, leftOut });
    this.layout();
  }

  current(path) {
    if (path === this.path) return;
    this.path = path;
    this.list.refresh();
  }

  layout() {
    const words = this.search.value.trim().toLowerCase();
    this.entries = [];
    let group = 'Main';
    let folders = [];
    for (const file of this.files) {
      if (words && !file.path.toLowerCase().includes(words)) continue;
      if (file.group !== group) {
        group = file.group;
        folders = [];
        this.entries.push({ kind: 'group', name: group, title: titles[group], count: this.files.filter(f => f.group === group).length });
      }

      if (this.folded.has(group) && !words) continue;
      folders = this.pushFolders(group, file.path.split('/').slice(0, -1), folders);
      if (!words && folders.some((_, i) => this.folded.has(`${group}:${folders.slice(0, i + 1).join('/')}`))) continue;
      this.entries.push({ kind: 'file', file, depth: folders.length + (group === 'Main' ? 0 : 1) });
    }

    if (this.leftOut) this.entries.push({ kind: 'rest', count: this.leftOut });
    if (this.entries.length === 0) this.entries.push({ kind: 'none' });
    this.list.reset(this.entries.length);
  }

  // Folders that hold nothing but one folder stand in one row.
  pushFolders(group, path, before) {
    const joined = path.length === 0 ? [] : [path.join('/')];
    if (joined[0] !== before[0] && joined.length) {
      this.entries.push({ kind: 'folder', name: joined[0], key: `${group}:${joined[0]}`, depth: group === 'Main' ? 0 : 1 });
    }

    return joined;
  }

  blockAt(at) { return { start: at, units: 1 }; }

  element(at) {
    const entry = this.entries[at];
    if (entry.kind === 'none' || entry.kind === 'rest') {
      return element('div', 'tree-note unit', entry.kind === 'none' ? 'No file matches.' : `and ${entry.count.toLocaleString('en')} more files`);
    }

    const row = element('button', `tree-row unit ${entry.kind}`);
    row.type = 'button';
    row.dataset.at = at;
    row.style.setProperty('--depth', entry.depth ?? 0);
    if (entry.kind === 'file') this.fileRow(row, entry.file);
    else {
      const folded = this.folded.has(entry.key ?? entry.name);
      row.setAttribute('aria-expanded', String(!folded));
      row.append(element('span', 'turn', folded ? '▸' : '▾'));
      appendText(row.appendChild(element('span', 'clip')), entry.title ?? entry.name);
      if (entry.count) row.append(element('span', 'muted', String(entry.count)));
    }

    return row;
  }

  fileRow(row, file) {
    if (file.path === this.path) row.setAttribute('aria-current', 'true');
    const letter = row.appendChild(element('span', `letter ${file.kind}`, letters[file.kind]));
    letter.title = file.kind;
    row.title = file.old ? `${file.old} → ${file.path}` : file.path;
    appendText(row.appendChild(element('span', 'clip grow')), file.path.slice(file.path.lastIndexOf('/') + 1));
    if (file.added) row.append(element('span', 'plus', `+${file.added}`));
    if (file.removed) row.append(element('span', 'minus', `−${file.removed}`));
  }

  click(event) {
    const row = event.target.closest('.tree-row');
    if (!row) return;
    const entry = this.entries[Number(row.dataset.at)];
    if (entry.kind === 'file') return this.open(entry.file.path);
    const key = entry.key ?? entry.name;
    if (!this.folded.delete(key)) this.folded.add(key);
    this.layout();
    this.list.shown.get(Number(row.dataset.at))?.focus();
  }

  key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !this.list.count) return;
    const now = document.activeElement?.closest('.tree-row');
    const next = now ? Number(now.dataset.at) + step : 0;
    event.preventDefault();
    if (next < 0) return this.search.focus();
    if (next >= this.list.count) return;
    if (next < this.list.top || next >= this.list.top + this.list.rowsInView - 1) this.list.scrollTo(Math.max(0, next - 3));
    this.list.shown.get(next)?.focus({ preventScroll: true });
  }
}
