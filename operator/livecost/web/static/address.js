// The state of the page is its address. Edits of one input replace the newest entry of the history, others add one, so
// that back is undo. Browsers allow few writes a second, which a dragged slider exceeds: replacements wait a moment.
const EDIT_PAUSE_MS = 1000;
const WRITE_PAUSE_MS = 200;
let query = location.search.slice(1);
let at = history.state?.at ?? 0;
let last = at;
let edited = { path: null, when: 0 };
let waiting = null;
let tell = () => {};

export const fields = () => new URLSearchParams(query);

function replace() {
  clearTimeout(waiting);
  waiting = null;
  history.replaceState({ at }, "", query ? `/?${query}` : "/");
}

export function write(params, path = null) {
  const now = performance.now();
  const same = path !== null && path === edited.path && now - edited.when < EDIT_PAUSE_MS;
  edited = { path, when: now };
  if (same) {
    query = params.toString();
    waiting ??= setTimeout(replace, WRITE_PAUSE_MS);
    return;
  }
  if (waiting !== null) replace();
  query = params.toString();
  at += 1;
  last = at;
  history.pushState({ at }, "", query ? `/?${query}` : "/");
  tell();
}

// Calls `moved` when the reader goes back or forward, and `counted` whenever what can be undone may be another.
export function onMove(moved, counted) {
  tell = counted;
  history.replaceState({ at }, "");
  addEventListener("pagehide", () => { if (waiting !== null) replace(); });
  addEventListener("popstate", (event) => {
    clearTimeout(waiting);
    waiting = null;
    query = location.search.slice(1);
    at = event.state?.at ?? 0;
    edited = { path: null, when: 0 };
    tell();
    moved();
  });
}

// What waits is written first, so that redo leads back to all of it.
export function undo() {
  if (waiting !== null) replace();
  history.back();
}

export const canUndo = () => at > 0;
export const canRedo = () => at < last;
