// The state of the page is its address. Edits replace the newest entry of the history or add one, so that back is undo.
const EDIT_PAUSE_MS = 1000;
let at = history.state?.at ?? 0;
let last = at;
let edited = { path: null, when: 0 };

export const fields = () => new URLSearchParams(location.search);

export function write(params, path = null) {
  const now = performance.now();
  const same = path !== null && path === edited.path && now - edited.when < EDIT_PAUSE_MS;
  edited = { path, when: now };
  const query = typeof params === "string" ? params : params.toString();
  if (!same) { at += 1; last = at; }
  history[same ? "replaceState" : "pushState"]({ at }, "", query ? `/?${query}` : "/");
}

export function onMove(handler) {
  history.replaceState({ at }, "");
  addEventListener("popstate", (event) => {
    at = event.state?.at ?? 0;
    edited = { path: null, when: 0 };
    handler();
  });
}

export const canUndo = () => at > 0;
export const canRedo = () => at < last;
