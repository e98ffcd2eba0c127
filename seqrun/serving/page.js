"use strict";
const at = (id) => document.getElementById(id);
const kind = document.body.dataset.kind;
const MOST = 200;
const TYPES = {csv: "text/csv", tsv: "text/tab-separated-values", txt: "text/plain", jsonl: "application/jsonl",
  npy: "application/x-npy"};
let last = null;

function typed() {
  const text = at("input").value;
  if (kind === "table" && !text.trim().startsWith("[")) return {type: "text/csv", body: text};
  if (kind === "text") return {type: "application/json", body: JSON.stringify({text})};
  return {type: "application/json", body: text};
}

async function given() {
  const file = at("file").files[0];
  if (!file) return typed();
  const ending = file.name.split(".").pop().toLowerCase();
  if (!(ending in TYPES)) throw new Error(`${file.name}: the ending is none of ${at("file").accept}`);
  return {type: TYPES[ending], body: await file.arrayBuffer()};
}

function say(text, wrong = false) {
  at("status").textContent = text;
  at("status").classList.toggle("wrong", wrong);
}

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function shown(value) {
  if (value === null) return "";
  if (typeof value === "number" && !Number.isInteger(value)) return String(Number(value.toPrecision(6)));
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

// The cells of a column of numbers: all with as many decimals as the one that has the most.
function figures(rows, name) {
  const texts = rows.map((row) => shown(row[name]));
  if (texts.some((text) => text.includes("e"))) return texts;
  const decimals = Math.max(...texts.map((text) => (text.split(".")[1] || "").length));
  return rows.map((row) => row[name].toFixed(decimals));
}

function table(all) {
  const made = element("table"), names = Object.keys(all[0]), rows = all.slice(0, MOST);
  const numeric = new Set(names.filter((name) => all.every((row) => typeof row[name] === "number")));
  const cells = names.map((name) => numeric.has(name) ? figures(rows, name) : rows.map((row) => shown(row[name])));
  const head = made.createTHead().insertRow();
  for (const name of names) {
    const cell = element("th", name.replace(/^probability_/, "p: "), numeric.has(name) ? "number" : "");
    cell.scope = "col";
    head.append(cell);
  }
  const body = made.createTBody();
  for (const [number, row] of rows.entries()) {
    const line = body.insertRow();
    for (const [column, name] of names.entries()) {
      const cell = element("td", cells[column][number], numeric.has(name) ? "number" : "");
      if (name.startsWith("probability") && typeof row[name] === "number") {
        const bar = element("meter");
        bar.value = row[name];
        bar.setAttribute("aria-hidden", "true");
        cell.append(bar);
      }
      line.append(cell);
    }
  }
  return made;
}

function show(found) {
  const rows = found.predictions || [];
  const isTable = rows.length > 0 && !Array.isArray(rows[0]);
  at("answer").replaceChildren(isTable ? table(rows) : element("pre", JSON.stringify(rows)));
  at("answer").hidden = false;
  at("save").hidden = !isTable;
  at("warnings").replaceChildren(...found.warnings.map((text) => element("li", text)));
  const count = `${rows.length} row${rows.length === 1 ? "" : "s"}`;
  say([found.summary, rows.length > MOST ? `the first ${MOST} of ${count}` : count].filter(Boolean).join("\n"));
}

async function ask(accept) {
  const answer = await fetch("predict", {method: "POST", body: last.body,
    headers: {"Content-Type": last.type, "Accept": accept}});
  if (!answer.ok) throw new Error((await answer.json()).error);
  return answer;
}

async function predict() {
  at("predict").disabled = true;
  at("answer").hidden = at("save").hidden = true;
  at("warnings").replaceChildren();
  say("Asking …");
  try {
    last = await given();
    show(await (await ask("application/json")).json());
  } catch (error) {
    say(error instanceof TypeError ? "The server cannot be reached." : error.message, true);
  }
  at("predict").disabled = false;
}

async function save() {
  try {
    const link = element("a");
    link.href = URL.createObjectURL(await (await ask("text/csv")).blob());
    link.download = "predictions.csv";
    link.click();
    URL.revokeObjectURL(link.href);
  } catch (error) {
    say(error.message, true);
  }
}

at("form").addEventListener("submit", (event) => { event.preventDefault(); predict(); });
at("save").addEventListener("click", save);
at("input").addEventListener("input", () => { at("file").value = ""; });
at("input").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); predict(); }
});
at("file").addEventListener("change", () => { if (at("file").files.length) predict(); });
for (const name of ["dragenter", "dragover"]) addEventListener(name, (event) => {
  event.preventDefault();
  at("drop").classList.add("over");
});
addEventListener("dragleave", (event) => { if (!event.relatedTarget) at("drop").classList.remove("over"); });
addEventListener("drop", (event) => {
  event.preventDefault();
  at("drop").classList.remove("over");
  if (!event.dataTransfer.files.length) return;
  at("file").files = event.dataTransfer.files;
  predict();
});
