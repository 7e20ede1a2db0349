// The address holds filter, order and page; whatever changes it asks for a new view without a new page.
const PAUSE_MS = 200;
let waiting = null;

export function prepareFilter(changed) {
  const form = document.getElementById("filter");

  function go(query, { replace = false } = {}) {
    const address = query ? `${location.pathname}?${query}` : location.pathname;
    history[replace ? "replaceState" : "pushState"](null, "", address);
    changed();
  }

  function stated() {
    const params = new URLSearchParams(location.search);
    for (const name of ["q", "state", "cloud", "profile"]) {
      const value = form.elements[name].value;
      if (value) params.set(name, value); else params.delete(name);
    }
    params.delete("page");
    return params.toString();
  }

  function showStated() {
    const params = new URLSearchParams(location.search);
    for (const name of ["q", "state", "cloud", "profile", "sort", "dir"]) form.elements[name].value = params.get(name) ?? "";
  }

  form.addEventListener("input", (event) => {
    clearTimeout(waiting);
    if (event.target.tagName === "SELECT") go(stated());
    else waiting = setTimeout(() => go(stated(), { replace: true }), PAUSE_MS);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(waiting);
    go(stated());
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-view]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    clearTimeout(waiting);
    go(new URL(link.href).search.slice(1));
    showStated();
  });
  addEventListener("popstate", () => { showStated(); changed(); });
}
