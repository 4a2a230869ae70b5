"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const text = (number) => data.strings[number];
  const rows = data.rows.map((it) => ({
    module: text(it[0]), path: text(it[1]), line: it[2], symbol: text(it[3]), what: text(it[4]), api: text(it[5]),
    urgency: text(it[6]), persistence: text(it[7]), certainty: text(it[8]), recommended: text(it[9]), verdict: text(it[10]),
    reasons: it.slice(11).map(text),
  }));
  const body = document.getElementById("rows");
  const more = document.getElementById("more");
  const nothing = document.getElementById("nothing-left");
  const shown = document.getElementById("shown");
  const fields = [...document.querySelectorAll("[data-filter]")];
  const kinds = [...document.querySelectorAll(".kind")];
  const STEP = 200;
  let left = rows;
  let drawn = 0;

  function element(name, content, className) {
    const it = document.createElement(name);
    if (className) it.className = className;
    if (content !== undefined) it.textContent = content;
    return it;
  }

  function draw(row) {
    const line = document.createElement("tr");
    const work = document.createElement("td");
    const title = element("p");
    title.append(element("span", row.verdict, `chip ${row.verdict === "ok" ? "ok" : "warning"}`), " ");
    title.append(element("strong", row.what || row.api));
    work.append(title);
    if (row.what) work.append(element("p", row.api));
    work.append(element("p", `${row.path}:${row.line}`, "place"));
    const kind = element("td", `${row.urgency}, ${row.persistence}`);
    if (row.certainty !== "high") kind.append(element("p", `${row.certainty} certainty`, "place"));
    const why = document.createElement("td");
    const list = document.createElement("ul");
    for (const reason of row.reasons) list.append(element("li", reason));
    if (row.reasons.length > 0) why.append(list);
    line.append(work, kind, why, element("td", row.recommended));
    return line;
  }

  function drawMore() {
    const some = document.createDocumentFragment();
    for (const row of left.slice(drawn, drawn + STEP)) some.append(draw(row));
    body.append(some);
    drawn = Math.min(left.length, drawn + STEP);
    more.hidden = drawn >= left.length;
  }

  function wanted(row, by) {
    for (const [name, value] of by) {
      if (name === "text") {
        row.all ??= [row.module, row.path, row.symbol, row.what, row.api, row.recommended, ...row.reasons].join(" ").toLowerCase();
        if (!value.split(/\s+/).every((word) => row.all.includes(word))) return false;
      } else if (row[name].toLowerCase() !== value) {
        return false;
      }
    }
    return true;
  }

  function apply() {
    const by = new Map();
    for (const field of fields) {
      if (field.value.trim() !== "") by.set(field.dataset.filter, field.value.trim().toLowerCase());
    }
    left = rows.filter((row) => wanted(row, by));
    body.textContent = "";
    drawn = 0;
    drawMore();
    nothing.hidden = left.length > 0;
    if (shown) shown.textContent = left.length === rows.length ? `All ${rows.length} shown` : `${left.length} of ${rows.length} shown`;
    for (const kind of kinds) {
      const on = by.get("urgency") === kind.dataset.urgency && by.get("persistence") === kind.dataset.persistence;
      kind.setAttribute("aria-pressed", String(on));
    }
  }

  const field = (name) => fields.find((it) => it.dataset.filter === name);
  for (const kind of kinds) {
    kind.addEventListener("click", () => {
      const off = kind.getAttribute("aria-pressed") === "true";
      for (const name of ["urgency", "persistence"]) {
        if (field(name)) field(name).value = off ? "" : kind.dataset[name];
      }
      apply();
    });
  }
  for (const it of fields) it.addEventListener("input", apply);
  more.addEventListener("click", drawMore);
  const reset = document.getElementById("reset");
  if (reset) {
    reset.addEventListener("click", () => {
      for (const it of fields) it.value = "";
      apply();
    });
  }
  apply();
})();
