// The rows of time windows: what is typed in them is one text in the address, as the server writes it.
export const SCHEDULE = "demand.schedule";

const editor = () => document.getElementById("demand-schedule");

export function windowsText() {
  const rows = [...editor().querySelectorAll(".window")].map((row) => {
    const typed = (name) => row.querySelector(`[name$="].${name}"]`).value.trim();
    const days = [...row.querySelectorAll("[type=checkbox]:checked")].map((each) => each.value);
    return { days, start: typed("start"), end: typed("end"), timeZone: typed("timeZone") };
  });
  return rows.length ? JSON.stringify(rows) : "";
}

export const clearWindows = () => document.getElementById("schedule-windows").replaceChildren();

export const ownZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone ?? "UTC";

// The browser knows the names; some hundred of them are not worth sending.
export function offerZones() {
  const list = document.getElementById("time-zones");
  if (list.children.length || !Intl.supportedValuesOf) return;
  const names = ["UTC", ...Intl.supportedValuesOf("timeZone")];
  list.replaceChildren(...names.map((value) => Object.assign(document.createElement("option"), { value })));
}
