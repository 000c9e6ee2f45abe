// Filters the list of findings. It reads only what the page already shows, and writes only text and `hidden`.
"use strict";
(() => {
  const at = (id) => document.getElementById(id);
  const sections = [...document.querySelectorAll("section[data-clause]")];
  if (!at("filter")) return;
  const items = sections.flatMap((section) =>
    [...section.querySelectorAll("li")].map((item) => ({
      item, section, text: `${section.dataset.clause} ${item.textContent}`.toLowerCase(),
    })));

  function show() {
    const words = at("words").value.toLowerCase().split(/\s+/).filter(Boolean);
    const clause = at("clause").value;
    const file = at("file").value;
    let shown = 0;
    for (const { item, section, text } of items) {
      const fits = (!clause || section.dataset.clause === clause)
        && (!file || item.dataset.file === file)
        && words.every((word) => text.includes(word));
      item.hidden = !fits;
      shown += fits;
    }
    for (const section of sections) section.hidden = !section.querySelector("li:not([hidden])");
    at("told").textContent = `${shown} of ${items.length} listed findings`;
  }

  for (const id of ["words", "clause", "file"]) at(id).addEventListener("input", show);
  at("filter").addEventListener("submit", (event) => event.preventDefault());
  at("filter").hidden = false;
  show();
})();
