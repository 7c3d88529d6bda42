// The chart of the cut-off on an auction page: drawn from the recorded bids and extended by every board that arrives.
// The server writes a sentence and a table beside it; chart_texts.js updates both. Without them they stay as written.
(() => {
  "use strict";

  const POINTS_MAX = 3000;
  const HEIGHT = 190;
  const SPREAD_MS = 3000;
  const WIDTH_MS_MIN = 60000;
  const GO_ON_MS = 5000;
  const NEAR = "300px";
  const section = document.getElementById("history");
  const box = section?.querySelector("[data-chart]");
  const files = document.getElementById("chart-files");
  if (!box || !files || !window.chartTexts) return;

  const { day, minute, second, short, update, won, zone } = window.chartTexts;
  const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  let [times, cutoffs] = [[], []];
  let chart = null;
  let readout = null;
  let canDraw = false;

  // Data: one point per change, and a last one when the cut-off was last heard of.

  function add(at, cutoff) {
    const last = times.length - 1;
    if (last >= 0 && at <= times[last]) return;
    const isLevel = last > 0 && cutoffs[last] === cutoff && cutoffs[last - 1] === cutoff;
    if (isLevel) times[last] = at;
    else {
      times.push(at);
      cutoffs.push(cutoff);
    }
    if (times.length > POINTS_MAX) {
      const isSelected = (_, place) => place % 2 === 0 || place === times.length - 1;
      [times, cutoffs] = [times.filter(isSelected), cutoffs.filter(isSelected)];
    }
  }

  function takeBoard() {
    const board = document.getElementById("board");
    const { nowMs, cutoff, state } = board?.dataset ?? {};
    if (!times.length || !cutoff || state === "scheduled") return;
    // The first bid may leave the cut-off where it was, at the minimum price.
    const first = section.querySelector("details").hidden && board.querySelector(".ladder");
    const changed = first || Number(cutoff) !== cutoffs.at(-1);
    add(state === "open" ? Number(nowMs) : Math.min(Number(nowMs), Number(board.dataset.endsAtMs)), Number(cutoff));
    if (changed) update(times, cutoffs);
    draw();
  }

  async function load() {
    try {
      const response = await window.answers.ask(section.dataset.points, { headers: {} });
      if (!response.ok) return;
      const { points } = await response.json();
      const later = times.map((at, place) => [at, cutoffs[place]]).filter(([at]) => at > points.at(-1)[0]);
      [times, cutoffs] = [[], []];
      for (const [at, cutoff] of [...points, ...later]) add(at, cutoff);
    } catch {
      return;
    }
    // Where no board says it, the page names the end, until which the last cut-off stayed.
    if (section.dataset.ended && times.length) add(Date.parse(section.dataset.ended), cutoffs.at(-1));
    takeBoard();
    draw();
  }

  // Drawing

  // The line goes on until now, also while nobody bids. What comes later may be of a moment before now by the server's
  // clock, so this last point is drawn and not kept.
  function untilNow() {
    const { state, paused, endsAtMs } = document.getElementById("board")?.dataset ?? {};
    if (state !== "open" || paused || !window.auctionClock) return [times, cutoffs];
    const now = Math.min(Math.floor(window.auctionClock.serverNow()), Number(endsAtMs));
    return now > times.at(-1) ? [[...times, now], [...cutoffs, cutoffs.at(-1)]] : [times, cutoffs];
  }

  function draw() {
    // A level line shows less than the sentence says.
    if (!canDraw || cutoffs.at(-1) === cutoffs[0]) return;
    box.hidden = false;
    if (chart) chart.setData(untilNow());
    else build();
    showReadout();
  }

  function build() {
    readout = document.createElement("p");
    readout.className = "chart-readout dots";
    box.append(readout);
    chart = new uPlot(options(), untilNow(), box);
    new ResizeObserver(() => {
      if (box.clientWidth && box.clientWidth !== chart.width) chart.setSize({ width: box.clientWidth, height: HEIGHT });
    }).observe(box);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => chart.redraw(false, true));
  }

  function options() {
    const axis = {
      stroke: () => color("--ink-soft"), font: `12px ${getComputedStyle(document.body).fontFamily}`,
      grid: { stroke: () => color("--line"), width: 1 }, ticks: { show: false },
    };
    const precision = ({ max, min }) => (max - min > 86400000 ? day : max - min < 600000 ? second : minute);
    return {
      width: box.clientWidth,
      height: HEIGHT,
      ms: 1,
      tzDate: (at) => uPlot.tzDate(new Date(at), zone),
      padding: [12, 30, 0, 0],
      legend: { show: false },
      cursor: { drag: { x: false, y: false }, y: false, points: { size: 9 } },
      scales: { x: { range: (_, from, to) => [from, Math.max(to, from + WIDTH_MS_MIN)] }, y: { range: amountRange } },
      axes: [
        { ...axis, size: 30, space: 72, values: (u, marks) => marks.map((at) => precision(u.scales.x).format(at)) },
        { ...axis, size: 56, space: 36, values: (_, marks) => marks.map((mark) => short.format(mark)) },
      ],
      series: [{}, {
        label: section.dataset.label, width: 2.5, points: { show: false }, paths: uPlot.paths.stepped({ align: 1 }),
        stroke: () => color("--accent"), fill: () => `color-mix(in srgb, ${color("--accent")} 12%, transparent)`,
      }],
      hooks: { setCursor: [showReadout] },
    };
  }

  // The amounts with a margin above and below, in whole won.
  function amountRange(_, min, max) {
    const margin = Math.max((max - min) * 0.12, max * 0.02, 1);
    return [Math.max(0, Math.floor(min - margin)), Math.ceil(max + margin)];
  }

  function showReadout() {
    if (!chart) return;
    const [drawnTimes, drawnCutoffs] = chart.data;
    const place = chart.cursor.idx ?? drawnTimes.length - 1;
    const [time, amount, dot] = ["span", "span", "i"].map((name) => document.createElement(name));
    time.textContent = second.format(drawnTimes[place]);
    dot.textContent = "· ";
    amount.append(dot, won(drawnCutoffs[place]));
    readout.replaceChildren(time, " ", amount);
  }

  // Many readers never come to the chart, and its library is a third of what the page weighs. Where it does not come,
  // sentence and table are there.
  async function loadLibrary() {
    const wanted = document.importNode(files.content, true);
    const loaded = [...wanted.children].map((each) => new Promise((done) => each.addEventListener("load", done)));
    document.head.append(wanted);
    await Promise.all(loaded);
    canDraw = true;
    if (times.length) draw();
  }
  const whenNear = new IntersectionObserver((seen) => {
    if (!seen.some((each) => each.isIntersecting)) return;
    whenNear.disconnect();
    loadLibrary();
  }, { rootMargin: NEAR });
  whenNear.observe(section);

  let connections = 0;
  document.addEventListener("htmx:ws:after:message:incoming", takeBoard);
  document.addEventListener("htmx:after:swap", takeBoard);
  document.addEventListener("htmx:ws:after:connection", () => {
    connections += 1;
    // After a lost connection the bids in between are loaded, not by everybody at once.
    if (connections > 1) setTimeout(load, Math.random() * SPREAD_MS);
  });
  setInterval(() => {
    if (!document.hidden && times.length) draw();
  }, GO_ON_MS);
  load();
})();
