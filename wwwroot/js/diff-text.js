// Lines of code as nodes: text alone, never markup. Characters that cannot be seen are shown by their names.

// Control characters, zero-width ones and those that turn the direction of writing: what can make code look other than it is.
const hidden = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu;

const anyHidden = new RegExp(hidden.source, 'u');

/**
 * Fills a node with a line.
 * @param marks changed words: start, length, start, length…
 * @param tokens syntax colours: [start, length, class]…
 */
export function fillLine(node, text, marks, tokens, showsReturns) {
  let shown = text;
  if (shown.endsWith('\r') && !showsReturns) shown = shown.slice(0, -1);
  if (!marks?.length && !tokens?.length && !anyHidden.test(shown)) {
    node.textContent = shown;
    return;
  }

  const cuts = new Set([0, shown.length]);
  const styles = [];
  for (let i = 0; i < (marks?.length ?? 0); i += 2) styles.push([marks[i], marks[i] + marks[i + 1], null]);
  for (const [start, length, name] of tokens ?? []) styles.push([start, start + length, name]);
  for (const [start, end] of styles) {
    if (start < shown.length) cuts.add(start).add(Math.min(end, shown.length));
  }

  const edges = [...cuts].sort((a, b) => a - b);
  const byStart = styles.sort((a, b) => a[0] - b[0]);
  const parts = document.createDocumentFragment();
  let live = [];
  let next = 0;
  for (let i = 0; i + 1 < edges.length; i++) {
    const [start, end] = [edges[i], edges[i + 1]];
    while (next < byStart.length && byStart[next][0] <= start) live.push(byStart[next++]);
    live = live.filter(style => style[1] > start);
    let target = parts;
    if (live.some(style => style[2] === null)) target = target.appendChild(document.createElement('mark'));
    const token = live.findLast(style => style[2] !== null);
    if (token) {
      target = target.appendChild(document.createElement('span'));
      target.className = token[2];
    }

    appendText(target, shown.slice(start, end));
  }

  node.replaceChildren(parts);
}

/** Appends text; hidden characters become badges with their code point. */
export function appendText(node, text) {
  let from = 0;
  for (const match of text.matchAll(hidden)) {
    if (match.index > from) node.append(text.slice(from, match.index));
    const badge = document.createElement('span');
    badge.className = 'hidden-character';
    const code = match[0].codePointAt(0);
    badge.textContent = code === 13 ? 'CR' : code === 27 ? 'ESC' : `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
    badge.title = 'A character that cannot be seen';
    node.append(badge);
    from = match.index + match[0].length;
  }

  if (from < text.length) node.append(from === 0 ? text : text.slice(from));
}

// --- Syntax colours, off the critical path: the library is loaded when something is on the screen. ---

const languages = {
  csproj: 'xml', props: 'xml', targets: 'xml', razor: 'xml', cshtml: 'xml', resx: 'xml', t: 'perl', pm: 'perl', pl: 'perl', mjs: 'javascript', cjs: 'javascript', mts: 'typescript', cts: 'typescript',
  h: 'c', hh: 'cpp', hpp: 'cpp', cc: 'cpp', cxx: 'cpp', rs: 'rust', kt: 'kotlin', kts: 'kotlin', yml: 'yaml', sh: 'bash', zsh: 'bash', ps1: 'powershell', jsonc: 'json', webmanifest: 'json', gradle: 'java', vue: 'xml', svg: 'xml',
};
const names = { dockerfile: 'dockerfile', makefile: 'makefile', 'cmakelists.txt': 'cmake', gemfile: 'ruby', rakefile: 'ruby', '.bashrc': 'bash', 'go.mod': 'go' };
const longestLine = 2_000;
const longestText = 150_000;
let library = null;

function loadLibrary() {
  library ??= new Promise((resolve, reject) => {
    if (window.hljs) return resolve(window.hljs);
    const script = document.createElement('script');
    script.src = new URL('lib/highlight/highlight.min.js', document.baseURI).href;
    script.onload = () => resolve(window.hljs);
    script.onerror = () => reject(new Error('The syntax colours could not be loaded.'));
    document.head.append(script);
  });
  return library;
}

/** The language of a file by its name, as the library calls it; undefined when it has none. */
export function languageOf(path) {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  const extension = name.includes('.') ? name.slice(name.lastIndexOf('.') + 1) : '';
  return names[name] ?? languages[extension] ?? extension;
}

/**
 * Colours of consecutive lines, in idle time.
 * @param wanted asked when there is time: false leaves it
 * @returns for each line its tokens; null when there is nothing to colour; 'unwanted' when nobody wants it any more
 */
export async function colourLines(lines, path, wanted = () => true) {
  const text = lines.map(line => line.length > longestLine ? '' : line).join('\n');
  if (text.length > longestText || text.length === 0) return null;
  const hljs = await loadLibrary().catch(() => null);
  const language = languageOf(path);
  if (!hljs || !language || !hljs.getLanguage(language)) return null;
  await new Promise(resolve => (window.requestIdleCallback ?? (then => setTimeout(then, 1)))(resolve, { timeout: 400 }));
  if (!wanted()) return 'unwanted';
  return tokensOf(hljs.highlight(text, { language, ignoreIllegals: true }).value);
}

const entities = { amp: 1, lt: 1, gt: 1, quot: 1, '#x27': 1 };

// The library answers with spans around escaped text. Read here as a list of ranges, so that its answer never becomes markup.
function tokensOf(html) {
  const lines = [[]];
  const open = [];
  let column = 0;
  const take = length => {
    const name = open.at(-1);
    if (name && length > 0) {
      const tokens = lines.at(-1);
      const last = tokens.at(-1);
      if (last && last[2] === name && last[0] + last[1] === column) last[1] += length;
      else tokens.push([column, length, name]);
    }

    column += length;
  };
  for (const [piece, name, entity] of html.matchAll(/<span class="([^"]*)">|<\/span>|&([a-z]+|#x27);|[^<&\n]+|\n/g)) {
    if (name !== undefined) open.push(name);
    else if (piece === '</span>') open.pop();
    else if (piece === '\n') {
      lines.push([]);
      column = 0;
    } else take(entity ? entities[entity] ?? piece.length : piece.length);
  }

  return lines;
}
