// Panels are computed on demand: when they are opened, and a moment after an edit while they are open.
import { fields, write } from "./address.js";
import { localize } from "./format.js";

const PAUSE_MS = 250;
const element = (name) => document.getElementById(`panel-${name}`);
const nameOf = (value) => new URLSearchParams(value).get("");
let waiting = null;
let request = null;

async function load(names) {
  request?.abort();
  const mine = request = new AbortController();
  for (const name of names) {
    try {
      const body = fields().toString();
      const answer = await fetch(`/calculator/panel/${name}`, { method: "POST", body, signal: mine.signal });
      if (!answer.ok) return;
      const place = element(name);
      const focused = place.contains(document.activeElement) ? document.activeElement : null;
      const key = focused && (focused.name ? `[name="${focused.name}"]` : "[data-toggle]");
      place.innerHTML = await answer.text();
      localize(place);
      if (key) place.querySelector(key)?.focus();
    } catch (error) {
      if (error.name !== "AbortError") throw error;
      return;
    }
  }
}

export function loadPanels() {
  clearTimeout(waiting);
  const open = fields().getAll("panel").map(nameOf);
  if (open.length) waiting = setTimeout(() => load(open), PAUSE_MS);
}

function setPanel(name, settings) {
  const params = fields();
  const others = params.getAll("panel").filter((value) => nameOf(value) !== name);
  params.delete("panel");
  for (const value of others) params.append("panel", value);
  if (settings) params.append("panel", new URLSearchParams([["", name], ...settings]).toString());
  write(params);
  return load([name]);
}

export function preparePanels() {
  document.addEventListener("click", (event) => {
    const toggle = event.target.closest("[data-toggle]");
    if (!toggle) return;
    event.preventDefault();
    setPanel(toggle.dataset.toggle, toggle.getAttribute("aria-expanded") === "true" ? null : []);
  });
  const send = (form) => {
    const settings = [...new FormData(form)].filter(([key]) => key !== "from" && key !== "panel");
    setPanel(form.dataset.panel, settings);
  };
  for (const kind of ["change", "submit"]) {
    document.addEventListener(kind, (event) => {
      const form = event.target.closest("form[data-panel]");
      if (!form) return;
      event.preventDefault();
      send(form);
    });
  }
}
