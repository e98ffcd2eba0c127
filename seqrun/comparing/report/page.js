"use strict";
// The page is whole without this: it adds sorting, filtering, and values where the pointer is.
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const filter = document.getElementById("filter");

// --- sorting ---------------------------------------------------------------------------------------------------------

function key(row, column) {
  const text = row.cells[column].dataset.order;
  if (text === undefined) return null;
  const number = Number(text);
  return text.trim() === "" || Number.isNaN(number) ? text : number;
}

function before(a, b) {
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a).localeCompare(String(b), undefined, { numeric: true });
}

function sort(table, header) {
  const down = header.getAttribute("aria-sort") === "ascending";
  for (const each of all("thead th", table)) each.removeAttribute("aria-sort");
  header.setAttribute("aria-sort", down ? "descending" : "ascending");
  const body = table.tBodies[0];
  const rows = [...body.rows].map((row) => [key(row, header.cellIndex), row]);
  const known = rows.filter(([order]) => order !== null).sort(([a], [b]) => (down ? before(b, a) : before(a, b)));
  body.append(...known.map(([, row]) => row), ...rows.filter(([order]) => order === null).map(([, row]) => row));
}

for (const header of all(".rows thead th")) {
  const button = document.createElement("button");
  button.type = "button";
  button.append(...header.childNodes);
  button.addEventListener("click", () => sort(header.closest("table"), header));
  header.append(button);
}

// --- filtering -------------------------------------------------------------------------------------------------------

function sift() {
  const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (text) => words.every((word) => text.toLowerCase().includes(word));
  let there = 0, left = 0;
  for (const part of all("section").filter((each) => each.querySelector(".rows"))) {
    const title = part.querySelector("h2").textContent;
    for (const row of all(".rows tbody tr", part)) {
      const shown = fits(`${title} ${row.textContent}`);
      there += 1;
      left += shown ? 1 : 0;
      row.hidden = !shown;
      for (const other of all(`.charts [data-row="${row.dataset.row}"]`, part)) other.toggleAttribute("hidden", !shown);
      for (const link of all("a", row)) document.querySelector(link.hash).hidden = !shown;
    }
  }
  document.getElementById("found").textContent = words.length ? `${left} of ${there} rows` : "";
}

filter.addEventListener("input", sift);
filter.parentElement.hidden = false;

// --- runs ------------------------------------------------------------------------------------------------------------

const runs = all("details.run");
document.getElementById("open").addEventListener("click", () => runs.forEach((run) => { run.open = true; }));
document.getElementById("close").addEventListener("click", () => runs.forEach((run) => { run.open = false; }));
document.querySelector(".buttons").hidden = runs.length === 0;

function reveal() {
  const run = runs.find((each) => `#${each.id}` === location.hash);
  if (run === undefined) return;
  run.open = true;
  run.scrollIntoView();
}

addEventListener("hashchange", reveal);
reveal();

// --- curves ----------------------------------------------------------------------------------------------------------

const tip = document.getElementById("tip");

function points(curve) {
  return curve.querySelector("path").getAttribute("d").slice(1).split(" ").map((pair) => pair.split(",").map(Number));
}

function nearest(drawing, x, y) {
  let found = null;
  for (const curve of all(".curve:not([hidden])", drawing)) {
    for (const [px, py] of points(curve)) {
      const distance = Math.hypot(px - x, py - y);
      if (found === null || distance < found.distance) found = { curve, px, py, distance };
    }
  }
  return found;
}

function value(drawing, share, name) {
  const low = Number(drawing.dataset[name[0]]), high = Number(drawing.dataset[name[1]]);
  return drawing.dataset.log === "1" && name[0] === "low" ? low * (high / low) ** share : low + share * (high - low);
}

function light(charts, row) {
  for (const each of all("[data-row]", charts)) {
    each.classList.toggle("dim", row !== null && each.dataset.row !== row);
    each.classList.toggle("hot", row !== null && each.dataset.row === row);
  }
}

for (const drawing of all(".chart svg")) {
  const charts = drawing.closest(".charts");
  for (const title of all("title", drawing)) { // the tip says more
    title.parentElement.dataset.run = title.textContent.split(": ")[0];
    title.remove();
  }
  drawing.addEventListener("pointermove", (event) => {
    const box = drawing.getBoundingClientRect();
    const view = drawing.viewBox.baseVal;
    const x = ((event.clientX - box.left) / box.width) * view.width;
    const y = ((event.clientY - box.top) / box.height) * view.height;
    const found = nearest(drawing, x, y);
    if (found === null) return;
    const { left, right, top, bottom } = Object.fromEntries(Object.entries(drawing.dataset).map(([k, v]) => [k, Number(v)]));
    const epoch = Math.round(value(drawing, (found.px - left) / (right - left), ["first", "last"]));
    const figure = value(drawing, (bottom - found.py) / (bottom - top), ["low", "high"]);
    tip.textContent = `${found.curve.dataset.run}: ${figure.toPrecision(4)} at epoch ${epoch}`;
    tip.hidden = false;
    const { width, height } = tip.getBoundingClientRect();
    tip.style.left = `${Math.min(event.clientX + 14, innerWidth - width - 8)}px`;
    tip.style.top = `${Math.max(event.clientY - height - 10, 4)}px`;
    light(charts, found.curve.dataset.row);
  });
  drawing.addEventListener("pointerleave", () => { tip.hidden = true; light(charts, null); });
}

for (const item of all(".legend li")) {
  item.addEventListener("pointerenter", () => light(item.closest(".charts"), item.dataset.row));
  item.addEventListener("pointerleave", () => light(item.closest(".charts"), null));
}
