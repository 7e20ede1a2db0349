// Keeps the page in step with the cluster: the server sends what differs from what it sent before.
import { prepareFilter } from "./fleet_filter.js";
import { localize } from "./format.js";
import { openStream } from "./fleet_stream.js";
import { prepareTrend } from "./fleet_trend.js";

const rows = document.getElementById("rows");
let isFirst = true;

function prepare(root) {
  localize(root);
  for (const element of root.querySelectorAll("time.moment")) {
    const moment = new Date(element.dateTime);
    if (!Number.isNaN(moment.getTime())) element.textContent = moment.toLocaleString();
  }
}

function parsed(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  prepare(template.content);
  return template;
}

// Only what differs is replaced, so that focus, scroll and open details stay.
function replaceContent(element, template) {
  if (element.innerHTML === template.innerHTML) return false;
  const focused = element.contains(document.activeElement) ? document.activeElement.id : "";
  const open = [...element.querySelectorAll("details")].map((each) => each.open);
  element.replaceChildren(template.content);
  element.querySelectorAll("details").forEach((each, index) => { each.open = open[index] ?? each.open; });
  if (focused) document.getElementById(focused)?.focus();
  return true;
}

function patchRow(key, html) {
  const fresh = parsed(html).content.querySelector("tr");
  const shown = rows.querySelector(`tr[data-key="${CSS.escape(key)}"]`);
  if (!shown) { rows.append(fresh); return; }
  [...fresh.cells].forEach((cell, index) => {
    const before = shown.cells[index];
    if (before.innerHTML === cell.innerHTML && before.className === cell.className) return;
    before.innerHTML = cell.innerHTML;
    before.className = cell.className;
    // Ages move by themselves.
    if (!isFirst && !cell.classList.contains("age")) {
      before.classList.add("changed");
      before.addEventListener("animationend", () => before.classList.remove("changed"), { once: true });
    }
  });
}

function order(keys) {
  const wanted = new Set(keys);
  for (const row of [...rows.rows]) if (!wanted.has(row.dataset.key)) row.remove();
  const byKey = new Map([...rows.rows].map((row) => [row.dataset.key, row]));
  keys.forEach((key, index) => {
    const row = byKey.get(key);
    if (row && rows.rows[index] !== row) rows.insertBefore(row, rows.rows[index] ?? null);
  });
}

function show(event) {
  for (const [id, html] of Object.entries(event.parts)) {
    const element = document.getElementById(id);
    if (element) replaceContent(element, parsed(html));
  }
  if (rows) {
    for (const [key, html] of Object.entries(event.rows)) patchRow(key, html);
    if (event.order) order(event.order);
  }
  isFirst = false;
}

prepare(document);
const stream = openStream(show);
if (document.getElementById("filter")) prepareFilter(() => { isFirst = true; stream.reopen(); });
prepareTrend(prepare);
