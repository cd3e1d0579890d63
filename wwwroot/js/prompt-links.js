// Cards below the box for issues and pull requests that the text links to: what they are called, and what becomes of their text.
const link = /https?:\/\/[^\s<>()"'`]{1,300}\/(?:issues|pull)\/\d{1,9}(?!\d)/g;
const most = 3;

export function showLinks(box) {
  const list = document.getElementById(`${box.id}-links`);
  const known = new Map();
  let shown = '';
  let waiting;

  const card = page => {
    const row = document.createElement('li');
    const title = document.createElement('b');
    title.textContent = page.title ? `${page.label} · ${page.title}` : page.label;
    const note = document.createElement('span');
    note.textContent = page.problem
      ? `Its text could not be read, and the task starts without it: ${page.problem}`
      : `${page.kind}. The agent is given its text as data, not as orders.`;
    row.toggleAttribute('data-failed', Boolean(page.problem));
    row.append(title, note);
    return row;
  };

  const look = async () => {
    const addresses = [...new Set(box.value.match(link) ?? [])].slice(0, most);
    const now = addresses.join(' ');
    if (now === shown) return;
    shown = now;
    const pages = await Promise.all(addresses.map(address => {
      if (!known.has(address)) {
        known.set(address, fetch(`/prompt/link?address=${encodeURIComponent(address)}`)
          .then(answer => answer.status === 200 ? answer.json() : null)
          .catch(() => { known.delete(address); return null; }));
      }
      return known.get(address);
    }));
    if (now !== shown) return;
    const cards = pages.filter(page => page !== null);
    list.replaceChildren(...cards.map(card));
    list.hidden = cards.length === 0;
  };

  const soon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(look, 300);
  };
  box.addEventListener('input', soon);
  soon();
  return { clear: soon };
}
