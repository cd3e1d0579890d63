// Before the first paint: what this browser remembers of its looks, so that nothing flashes. Not a module, for those wait.
(() => {
  const root = document.documentElement;
  const kept = (store, key) => {
    try { return window[store].getItem(key); } catch { return null; }
  };

  const theme = kept('localStorage', 'theme');
  if (theme === 'light' || theme === 'dark') root.dataset.theme = theme;
  if (kept('localStorage', 'rail') === 'folded') root.dataset.rail = 'folded';
  const panel = Number(kept('localStorage', 'panel'));
  if (panel >= 20 && panel <= 80) root.style.setProperty('--panel', `${panel}%`);

  // ?panel=1: docked beside an editor. It holds for the whole visit, for links do not carry it on.
  if (new URLSearchParams(location.search).get('panel') === '1') {
    try { sessionStorage.setItem('embedded', '1'); } catch { /* without storage it holds for this page */ }
    root.dataset.embedded = '';
  } else if (kept('sessionStorage', 'embedded') === '1') {
    root.dataset.embedded = '';
  }

  const narrow = matchMedia('(max-width: 900px)');
  const fit = () => root.toggleAttribute('data-narrow', narrow.matches || 'embedded' in root.dataset);
  narrow.addEventListener('change', fit);
  fit();
})();
