// Marks the reader's own row when it stands on this page of the results. The page works without this file.
(() => {
  "use strict";

  document.addEventListener("htmx:after:swap", () => {
    const outcome = document.getElementById("outcome");
    const row = outcome?.dataset.rank && document.getElementById(`rank-${outcome.dataset.rank}`);
    if (!row || row.classList.contains("own-row")) return;
    row.classList.add("own-row");
    row.classList.toggle("own-in", outcome.querySelector(".outcome-offered, .outcome-bought") !== null);
    const mark = document.createElement("span");
    mark.className = "mark";
    mark.textContent = outcome.dataset.mark;
    row.querySelector(".alias").append(" ", mark);
  });
})();
