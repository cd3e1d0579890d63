// Images and files for a message: taken by paste, drop and a button, sent to the server at once, shown below the box until the message goes.
const most = 10;
const longestSide = 2048;
const scalable = new Set(['image/png', 'image/jpeg', 'image/webp']);

// Models look at no more than so many pixels: what is larger is scaled here, which saves the way, too.
async function fitted(file) {
  if (!scalable.has(file.type)) return file;
  let picture;
  try {
    picture = await createImageBitmap(file);
  } catch {
    return file; // the server says what is wrong with it
  }
  try {
    const scale = longestSide / Math.max(picture.width, picture.height);
    if (scale >= 1) return file;
    const canvas = document.createElement('canvas');
    canvas.width = Math.max(1, Math.round(picture.width * scale));
    canvas.height = Math.max(1, Math.round(picture.height * scale));
    const drawing = canvas.getContext('2d');
    drawing.imageSmoothingQuality = 'high';
    drawing.drawImage(picture, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise(done => canvas.toBlob(done, file.type, 0.92));
    return blob && blob.type === file.type ? new File([blob], file.name, { type: file.type }) : file;
  } finally {
    picture.close();
  }
}

// XMLHttpRequest: fetch does not tell how far it is.
function upload(file, entry, onProgress) {
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    entry.request = request;
    request.open('POST', `/uploads?name=${encodeURIComponent(file.name)}`);
    request.responseType = 'json';
    request.upload.onprogress = event => event.lengthComputable && onProgress(event.loaded / event.total);
    request.onload = () => request.status === 201
      ? done(request.response)
      : failed(new Error(request.response?.detail ?? (request.status === 413 ? 'It is larger than the server takes.' : `The server answered ${request.status}.`)));
    request.onerror = () => failed(new Error('The server could not be reached.'));
    request.onabort = () => failed(new Error('It was removed.'));
    request.send(file);
  });
}

export function attachFiles(box, read, write) {
  const list = document.getElementById(`${box.id}-files`);
  const picker = document.getElementById(`${box.id}-file`);
  const area = box.closest('[data-composer]') ?? box.parentElement;
  const key = `draft:${box.dataset.draft}:files`;
  let entries = [];

  const save = () => {
    const kept = entries.filter(entry => entry.id).map(({ id, name, mediaType }) => ({ id, name, mediaType }));
    write(key, kept.length > 0 ? JSON.stringify(kept) : null);
  };

  const remove = entry => {
    entries = entries.filter(other => other !== entry);
    entry.request?.abort();
    if (entry.id) fetch(`/uploads/${entry.id}`, { method: 'DELETE' }).catch(() => { /* it goes after a day */ });
    entry.row.remove();
    list.hidden = entries.length === 0;
    save();
    box.focus();
  };

  const show = entry => {
    const row = entry.row = document.createElement('li');
    if (entry.mediaType?.startsWith('image/')) {
      const picture = document.createElement('img');
      picture.alt = '';
      picture.onerror = () => picture.remove();
      if (entry.id) picture.src = `/uploads/${entry.id}`;
      row.append(picture);
    }
    const name = document.createElement('span');
    name.className = 'name';
    name.textContent = name.title = entry.name;
    const state = document.createElement('span');
    state.className = 'state';
    state.setAttribute('role', 'status');
    const close = document.createElement('button');
    close.type = 'button';
    close.className = 'icon-button small';
    close.title = 'Remove';
    close.setAttribute('aria-label', `Remove ${entry.name}`);
    close.textContent = '×';
    close.onclick = () => remove(entry);
    row.append(name, state, close);
    entry.tell = text => { state.textContent = text; };
    list.append(row);
    list.hidden = false;
  };

  const fail = (entry, reason) => {
    entry.problem = reason;
    entry.row.dataset.failed = '';
    entry.row.querySelector('progress')?.remove();
    entry.tell(reason);
  };

  const send = async entry => {
    const bar = document.createElement('progress');
    bar.max = 1;
    entry.row.append(bar);
    entry.tell('0 %');
    try {
      const file = await fitted(entry.file);
      const added = await upload(file, entry, part => {
        bar.value = part;
        entry.tell(`${Math.round(part * 100)} %`);
      });
      if (!entries.includes(entry)) {
        fetch(`/uploads/${added.id}`, { method: 'DELETE' }).catch(() => { /* it goes after a day */ });
        return;
      }
      Object.assign(entry, { id: added.id, name: added.name, mediaType: added.mediaType, request: null });
      bar.remove();
      entry.tell('');
      const picture = entry.row.querySelector('img');
      if (picture) picture.src = `/uploads/${added.id}`;
      save();
    } catch (error) {
      if (entries.includes(entry)) fail(entry, error.message);
    }
  };

  const add = files => {
    for (const file of files) {
      const entry = { file, name: file.name || 'file', mediaType: file.type };
      entries.push(entry);
      show(entry);
      if (entries.filter(other => !other.problem).length > most) fail(entry, `A message takes ${most} files.`);
      else entry.sending = send(entry);
    }
  };

  // A draft's files survive a reload as long as the server has them.
  try {
    for (const kept of JSON.parse(read(key) ?? '[]')) {
      const entry = { ...kept };
      entries.push(entry);
      show(entry);
      fetch(`/uploads/${entry.id}`, { method: 'HEAD' }).then(answer => {
        if (answer.status === 404 && entries.includes(entry)) fail(entry, 'It is no longer there. Attach it again.');
      }).catch(() => { /* sending will tell */ });
    }
  } catch { /* no draft that can be read */ }

  box.addEventListener('paste', event => {
    const files = [...event.clipboardData?.files ?? []];
    // A copied part of a table or a page brings its picture beside its text: then the text is meant.
    if (files.length > 0 && !event.clipboardData.getData('text/plain')) {
      event.preventDefault();
      add(files);
    }
  });
  const brings = event => [...event.dataTransfer?.types ?? []].includes('Files');
  area.addEventListener('dragover', event => {
    if (!brings(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = 'copy';
    area.dataset.dropping = '';
  });
  area.addEventListener('dragleave', event => {
    if (!area.contains(event.relatedTarget)) delete area.dataset.dropping;
  });
  area.addEventListener('drop', event => {
    delete area.dataset.dropping;
    if (!brings(event)) return;
    event.preventDefault();
    add(event.dataTransfer.files);
    box.focus();
  });
  area.querySelector('[data-does="attach"]')?.addEventListener('click', () => picker.click());
  picker.addEventListener('change', () => {
    add(picker.files);
    picker.value = '';
    box.focus();
  });

  return {
    async settled() {
      await Promise.all(entries.map(entry => entry.sending));
      const failed = entries.find(entry => entry.problem);
      return failed
        ? { ids: [], problem: `${failed.name} was not attached: ${failed.problem} Remove it or attach it again.` }
        : { ids: entries.map(entry => entry.id), problem: null };
    },
    clear() {
      entries = [];
      list.replaceChildren();
      list.hidden = true;
      write(key, null);
    },
  };
}
