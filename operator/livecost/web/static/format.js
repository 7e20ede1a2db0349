// Writes the exact figures of the server by the browser's own locale; texts are given to Intl, so no digit is lost.
const formats = new Map();

function format(locale, options) {
  const key = JSON.stringify(options);
  if (!formats.has(key)) formats.set(key, new Intl.NumberFormat(locale, options));
  return formats.get(key);
}

export function localize(root) {
  for (const element of root.querySelectorAll("data.money, data.count, text.figure")) {
    const places = Number(element.dataset.places);
    const options = { minimumFractionDigits: places, maximumFractionDigits: places };
    if (element.dataset.signed) options.signDisplay = "exceptZero";
    if (element.dataset.currency) Object.assign(options, { style: "currency", currency: element.dataset.currency });
    try {
      element.textContent = format(undefined, options).format(element.value ?? element.dataset.value);
    } catch { /* a currency the browser does not know keeps the server's text */ }
  }
}
