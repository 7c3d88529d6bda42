// Marks the seat that the reader's own rank would get now, on the plan and in a sentence. The page works without this
// file: the review of a bid and "My bids" say the seat too.
(() => {
  "use strict";

  const SVG = "http://www.w3.org/2000/svg";
  // A seat of a large block is a few pixels wide; its mark is larger.
  const MARK_MIN = 9;

  const plan = document.getElementById("plan");
  if (!plan) return;
  const sizes = plan.dataset.rows.split(",").flatMap((part) => {
    const [size, count = 1] = part.split("x").reverse().map(Number);
    return Array(count).fill(size);
  });
  const [left, top, step, rowStep, side] = plan.dataset.geometry.split(" ").map(Number);
  let mark = null;

  function placeOf(rank) {
    let first = 1;
    for (const [index, size] of sizes.entries()) {
      if (rank < first + size) return { row: index + 1, number: rank - first + 1 };
      first += size;
    }
    return null;
  }

  function drawing() {
    const picture = plan.querySelector("img");
    const svg = document.createElementNS(SVG, "svg");
    svg.classList.add("plan-mark");
    svg.setAttribute("viewBox", `0 0 ${picture.getAttribute("width")} ${picture.getAttribute("height")}`);
    svg.setAttribute("aria-hidden", "true");
    plan.querySelector(".plan-drawing").append(svg);
    return svg.appendChild(document.createElementNS(SVG, "rect"));
  }

  function draw({ row, number }) {
    mark ??= drawing();
    const width = Math.max(side, MARK_MIN);
    const facts = {
      x: left + step * (number - 1) + (side - width) / 2,
      y: top + rowStep * (row - 1) + (side - width) / 2,
      width,
      height: width,
      rx: 2,
    };
    for (const [name, value] of Object.entries(facts)) mark.setAttribute(name, value.toFixed(2));
  }

  function show() {
    const { position, rank } = document.getElementById("standing")?.dataset ?? {};
    const place = position === "winning" && rank ? placeOf(Number(rank)) : null;
    const words = place ? { rank: Number(rank).toLocaleString("en"), ...place } : {};
    const sentence = place ? plan.dataset.own.replace(/\{(\w+)\}/g, (_, name) => words[name]) : "";
    const own = document.getElementById("plan-own");
    if (own.textContent !== sentence) own.textContent = sentence;
    if (place) draw(place);
    mark?.ownerSVGElement.toggleAttribute("hidden", !place);
  }

  document.addEventListener("htmx:after:swap", show);
  show();
})();
