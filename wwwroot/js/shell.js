// What every page needs of the browser: keys, popovers, dialogs, ages that go on, the count in title and icon.
// Markup says what it wants by data- attributes; nothing here knows a page.
const root = document.documentElement;

function keep(key, value) {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch { /* without storage the choice holds until the page is left */ }
}

// --- Keys: an element with data-key="c" is clicked by that key; data-row-key acts on the row that has the focus. ---

const visible = element => element.checkVisibility?.() ?? element.offsetParent !== null;
const typing = target => target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

document.addEventListener('keydown', event => {
  if (event.defaultPrevented || event.isComposing) return;
  if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === 'k') {
    event.preventDefault();
    openDialog('palette');
    return;
  }

  if (arrows(event)) return;
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector('dialog[open]')) return;
  if (event.key === 'j' || event.key === 'k') {
    if (moveRow(event.key === 'j' ? 1 : -1)) event.preventDefault();
    return;
  }

  const name = CSS.escape(event.key);
  const row = document.activeElement?.closest('[data-row]');
  const wanted = row?.querySelector(`[data-row-key="${name}"]`)
    ?? [...document.querySelectorAll(`[data-key="${name}"]`)].find(element => visible(element) && !element.disabled);
  if (wanted) {
    event.preventDefault();
    wanted.click();
  }
});

function moveRow(step) {
  const lists = [...document.querySelectorAll('[data-rows]')].filter(visible);
  const list = document.activeElement?.closest('[data-rows]') ?? lists.find(l => l.closest('main')) ?? lists[0];
  const rows = list ? [...list.querySelectorAll('[data-row]')].filter(visible) : [];
  if (rows.length === 0) return false;
  const now = rows.indexOf(document.activeElement?.closest('[data-row]'));
  const next = rows[Math.max(0, Math.min(rows.length - 1, now < 0 ? (step > 0 ? 0 : rows.length - 1) : now + step))];
  const target = next.matches('a, button') ? next : next.querySelector('a, button');
  target?.focus();
  next.scrollIntoView({ block: 'nearest' });
  return true;
}

// Inside [data-arrows] the arrow keys go from choice to choice, Enter in its search box takes the first.
function arrows(event) {
  const box = event.target instanceof Element ? event.target.closest('[data-arrows]') : null;
  if (!box || !['ArrowDown', 'ArrowUp', 'Home', 'End', 'Enter'].includes(event.key)) return false;
  const choices = [...box.querySelectorAll('[data-choice]')].filter(choice => visible(choice) && !choice.disabled);
  const inSearch = event.target.matches('input');
  if (event.key === 'Enter') {
    if (!inSearch || choices.length === 0) return false;
    event.preventDefault();
    choices[0].click();
    return true;
  }

  if (inSearch && (event.key === 'Home' || event.key === 'End')) return false;
  const now = choices.indexOf(document.activeElement);
  const next = event.key === 'Home' ? 0 : event.key === 'End' ? choices.length - 1 : now + (event.key === 'ArrowDown' ? 1 : -1);
  event.preventDefault();
  if (next < 0) box.querySelector('input')?.focus();
  else choices[Math.min(next, choices.length - 1)]?.focus();
  return true;
}

// --- Clicks that need no server. ---

document.addEventListener('click', event => {
  const at = selector => event.target instanceof Element ? event.target.closest(selector) : null;
  const copy = at('[data-copy], [data-copy-from]');
  if (copy) {
    const text = copy.dataset.copy ?? document.getElementById(copy.dataset.copyFrom)?.innerText ?? '';
    writeClipboard(text).then(done => {
      copy.dataset.copied = done ? 'yes' : 'no';
      setTimeout(() => delete copy.dataset.copied, 1600);
    });
  }

  const opener = at('[data-opens]');
  if (opener) openDialog(opener.dataset.opens);
  const dialog = at('dialog');
  if (dialog && (event.target === dialog || at('[data-closes]') || at('dialog[data-leaves] a'))) dialog.close();
  if (at('[data-reload]')) location.reload();
  if (at('[data-dismiss]')) at('[data-dismiss]').closest('.bottom-note')?.style.setProperty('display', 'none');
  if (at('[data-fold-rail]')) {
    const folded = root.dataset.rail !== 'folded';
    if (folded) root.dataset.rail = 'folded';
    else delete root.dataset.rail;
    keep('rail', folded ? 'folded' : null);
  }

  if (at('[data-panel-full-toggle]')) root.toggleAttribute('data-panel-full');
  if (at('[data-drawer]')) root.toggleAttribute('data-drawer-open');
  else if ('drawerOpen' in root.dataset && (at('[data-drawer-body] a') || !at('[data-drawer-body]'))) root.removeAttribute('data-drawer-open');
  const theme = at('[data-set-theme]');
  if (theme) setTheme(theme.dataset.setTheme);
});

document.addEventListener('keydown', event => {
  if (event.key === 'Escape') root.removeAttribute('data-drawer-open');
});

// Before Blazor sees it: with a base address of "/" a link to "#main" would lead to another page.
document.addEventListener('click', event => {
  const focus = event.target instanceof Element ? event.target.closest('[data-focus]') : null;
  if (focus) {
    event.preventDefault();
    document.getElementById(focus.dataset.focus)?.focus();
  }
}, true);

async function writeClipboard(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Pages on plain http from another machine have no clipboard interface.
    const box = Object.assign(document.createElement('textarea'), { value: text });
    document.body.append(box);
    box.select();
    const done = document.execCommand('copy');
    box.remove();
    return done;
  }
}

export function openDialog(id) {
  const dialog = document.getElementById(id);
  if (!(dialog instanceof HTMLDialogElement) || dialog.open) return;
  dialog.showModal();
  const first = dialog.querySelector('[data-first], input, textarea');
  first?.focus();
  first?.select?.();
}

export function closeDialog(id) {
  document.getElementById(id)?.close();
}

// --- Popovers stand under the button that opens them, inside the window. ---

document.addEventListener('toggle', event => {
  const popover = event.target;
  if (!(popover instanceof HTMLElement) || !popover.popover || event.newState !== 'open') return;
  const opener = document.querySelector(`[popovertarget="${CSS.escape(popover.id)}"]:not([popovertargetaction="hide"])`);
  if (opener) place(popover, opener);
  const search = popover.querySelector('input');
  if (search) {
    search.focus();
    search.select();
  } else {
    (popover.querySelector('[aria-current="true"]') ?? popover.querySelector('[data-choice]'))?.focus();
  }
}, true);

function place(popover, opener) {
  const gap = 6;
  const edge = 8;
  const at = opener.getBoundingClientRect();
  popover.style.maxHeight = '';
  const size = popover.getBoundingClientRect();
  const below = innerHeight - at.bottom - gap - edge;
  const above = at.top - gap - edge;
  const up = size.height > below && above > below;
  popover.style.maxHeight = `${Math.max(120, up ? above : below)}px`;
  popover.style.left = `${Math.max(edge, Math.min(at.left, innerWidth - size.width - edge))}px`;
  popover.style.top = up ? 'auto' : `${at.bottom + gap}px`;
  popover.style.bottom = up ? `${innerHeight - at.top + gap}px` : 'auto';
}

// --- Theme. ---

function setTheme(theme) {
  if (theme === 'light' || theme === 'dark') root.dataset.theme = theme;
  else delete root.dataset.theme;
  keep('theme', theme === 'light' || theme === 'dark' ? theme : null);
  showTheme();
}

function showTheme() {
  for (const button of document.querySelectorAll('[data-set-theme]')) {
    button.setAttribute('aria-pressed', String(button.dataset.setTheme === (root.dataset.theme ?? 'system')));
  }
}

// --- Ages and running clocks: the server says how old something is, from there the browser counts on. No clocks are compared. ---

const bases = new WeakMap();

function tick() {
  showTheme(); // The buttons come and go with the circuit.
  const now = performance.now();
  for (const element of document.querySelectorAll('[data-ticks]')) {
    let base = bases.get(element);
    if (base?.attribute !== element.dataset.ticks) {
      base = { attribute: element.dataset.ticks, zero: now - Number(element.dataset.ticks) };
      bases.set(element, base);
    }

    const form = element.dataset.form;
    const text = form === 'ago' ? ago(now - base.zero) : form === 'age' ? age(now - base.zero) : duration(now - base.zero);
    const node = element.firstChild;
    // Blazor holds on to the text node: it is written into, never replaced.
    if (text !== null && node?.nodeType === Node.TEXT_NODE && node.nodeValue !== text) node.nodeValue = text;
  }
}

function duration(ms) {
  const s = Math.floor(ms / 1000);
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  return `${Math.floor(s / 3600)} h ${Math.floor(s % 3600 / 60)} min`;
}

function ago(ms) {
  const text = age(ms);
  return text === null ? null : text === 'now' ? 'just now' : `${text} ago`;
}

function age(ms) {
  const s = Math.floor(ms / 1000);
  if (s < 5) return 'now';
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min`;
  return s < 86400 ? `${Math.floor(s / 3600)} h` : null; // From a day on the server's date stands.
}

setInterval(tick, 1000);

// --- The number of tasks that want the person, in the title and the icon. ---

const plainIcon = document.querySelector('link[rel="icon"]')?.href;
let count = 0;
let settingTitle = false;

function showCount() {
  const bare = document.title.replace(/^\(\d+\) /, '');
  const title = count > 0 ? `(${count}) ${bare}` : bare;
  if (document.title !== title) {
    settingTitle = true;
    document.title = title;
  }
}

export function setCount(value) {
  count = value;
  showCount();
  const icon = document.querySelector('link[rel="icon"]');
  if (!icon) return;
  const number = value > 9 ? '9+' : String(value);
  icon.href = value === 0 ? plainIcon : 'data:image/svg+xml,' + encodeURIComponent(
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 20"><g fill="none" stroke="#2456d6" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round"><path d="M6 6 2 10l4 4M12 6l4 4-1 1"/></g><circle cx="14" cy="14" r="6" fill="#b3261e"/><text x="14" y="16.8" font-family="sans-serif" font-size="8" font-weight="700" text-anchor="middle" fill="#fff">${number}</text></svg>`);
}

new MutationObserver(() => {
  if (settingTitle) settingTitle = false;
  else showCount();
}).observe(document.head, { childList: true, subtree: true, characterData: true });

// The server was started again and knows this page no more. Drafts are in the browser and the log is in the server: loaded anew, the page goes on where it was.
const connection = document.getElementById('components-reconnect-modal');
if (connection) {
  new MutationObserver(() => {
    if (connection.classList.contains('components-reconnect-rejected')) location.reload();
  }).observe(connection, { attributes: true, attributeFilter: ['class'] });
}

tick();
