// The conversation's scrolling: follows the end until the person scrolls up, remembers the place over a reload,
// and goes to the next failure or message by key.
export function attach(scroller) {
  const key = `scroll:${location.pathname}${new URLSearchParams(location.search).get('attempt') ?? ''}`;
  const slack = 48;
  let following = true;
  let wanted = null;
  try { wanted = sessionStorage.getItem(key); } catch { /* then it starts at the end */ }

  const toEnd = () => { scroller.scrollTop = scroller.scrollHeight; };
  const show = () => scroller.toggleAttribute('data-away', !following);
  const atEnd = () => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < slack;

  if (wanted !== null) {
    scroller.scrollTop = Number(wanted);
    following = atEnd();
  } else {
    toEnd();
  }

  show();
  let top = scroller.scrollTop;
  const onScroll = () => {
    // Only going up is leaving: text that arrives between a step to the end and its event must not look like it.
    following = atEnd() || (following && scroller.scrollTop >= top);
    top = scroller.scrollTop;
    show();
    try {
      if (following) sessionStorage.removeItem(key);
      else sessionStorage.setItem(key, String(Math.round(scroller.scrollTop)));
    } catch { /* not remembered */ }
  };
  scroller.addEventListener('scroll', onScroll, { passive: true });

  const sizes = new ResizeObserver(() => {
    if (following) toEnd();
  });
  sizes.observe(scroller);
  const content = scroller.firstElementChild;
  if (content) sizes.observe(content);

  const onClick = event => {
    const target = event.target instanceof Element ? event.target : null;
    if (target?.closest('[data-live]')) {
      following = true;
      toEnd();
      show();
    }

    const next = target?.closest('[data-next]');
    if (next) goTo(scroller, next.dataset.next);
  };
  document.addEventListener('click', onClick);
  return { dispose() {
    sizes.disconnect();
    document.removeEventListener('click', onClick);
    scroller.removeEventListener('scroll', onScroll);
  } };
}

function goTo(scroller, kind) {
  const all = [...scroller.querySelectorAll(`[data-${CSS.escape(kind)}]`)];
  if (all.length === 0) return;
  const top = scroller.getBoundingClientRect().top;
  const now = scroller.querySelector('[data-here]');
  const from = now ? all.indexOf(now) : -1;
  const next = from >= 0 ? all[(from + 1) % all.length] : all.find(element => element.getBoundingClientRect().top > top + 24) ?? all[0];
  now?.removeAttribute('data-here');
  next.setAttribute('data-here', '');
  next.scrollIntoView({ block: 'start' });
  next.setAttribute('tabindex', '-1');
  next.focus({ preventScroll: true });
}

export function reveal(scroller, id) {
  const element = document.getElementById(id);
  if (!element) return;
  element.scrollIntoView({ block: 'start' });
  element.setAttribute('tabindex', '-1');
  element.focus({ preventScroll: true });
}
