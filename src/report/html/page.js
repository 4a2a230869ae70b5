"use strict";
(() => {
  document.documentElement.classList.add("js");
  const filters = document.querySelector(".filters");
  const entries = [...document.querySelectorAll("[data-entry]")];
  const fields = [...document.querySelectorAll("[data-filter]")];
  const shown = document.getElementById("shown");
  const nothing = document.getElementById("nothing-left");

  // What is wanted of one name: a set of checked values, or a text.
  function wanted() {
    const by = new Map();
    for (const field of fields) {
      const name = field.dataset.filter;
      if (field.type === "checkbox") {
        if (!by.has(name)) by.set(name, new Set());
        if (field.checked) by.get(name).add(field.value);
      } else if (field.value.trim() !== "") {
        by.set(name, field.value.trim().toLowerCase());
      }
    }
    return by;
  }

  function matches(entry, by) {
    for (const [name, value] of by) {
      if (name === "text") {
        const text = entry.dataset.text;
        if (!value.split(/\s+/).every((word) => text.includes(word))) return false;
      } else if (value instanceof Set) {
        if (!value.has(entry.dataset[name])) return false;
      } else if (entry.dataset[name].toLowerCase() !== value) {
        return false;
      }
    }
    return true;
  }

  function apply() {
    const by = wanted();
    let left = 0;
    for (const entry of entries) {
      entry.hidden = !matches(entry, by);
      if (!entry.hidden) left += 1;
    }
    if (shown) shown.textContent = left === entries.length ? `All ${left} shown` : `${left} of ${entries.length} shown`;
    if (nothing) nothing.hidden = left > 0;
  }

  if (filters && entries.length > 0) {
    filters.hidden = false;
    // On a small screen the findings come first.
    if (matchMedia("(max-width: 52rem)").matches) filters.querySelector("details").open = false;
    for (const field of fields) field.addEventListener("input", apply);
    document.getElementById("reset")?.addEventListener("click", () => {
      for (const field of fields) {
        if (field.type === "checkbox") field.checked = true;
        else field.value = "";
      }
      apply();
    });
    apply();
  } else if (filters && document.getElementById("data")) {
    // The part fills and filters its own list.
    filters.hidden = false;
    if (matchMedia("(max-width: 52rem)").matches) filters.querySelector("details").open = false;
  } else {
    document.querySelector(".columns")?.classList.replace("columns", "column");
  }

  async function copy(text) {
    if (navigator.clipboard) {
      await navigator.clipboard.writeText(text);
      return;
    }
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  for (const button of document.querySelectorAll("button[data-copy]")) {
    const label = button.textContent;
    button.addEventListener("click", () => {
      copy(button.dataset.copy).then(
        () => { button.textContent = "Copied"; },
        () => { button.textContent = "Could not copy"; },
      );
      setTimeout(() => { button.textContent = label; }, 2000);
    });
  }

  // A link to a finding opens it; paper shows everything.
  function open(id) {
    const entry = id && document.getElementById(id);
    if (entry) {
      entry.hidden = false;
      for (const details of entry.querySelectorAll("details")) details.open = true;
    }
  }
  open(decodeURIComponent(location.hash.slice(1)));
  addEventListener("hashchange", () => open(decodeURIComponent(location.hash.slice(1))));
  addEventListener("beforeprint", () => {
    for (const details of document.querySelectorAll("details")) details.open = true;
  });
})();
