// The words of the chart of the cut-off: moments and amounts in the reader's language, and the sentence and the table beside
// the chart, which the server has written. chart.js, which is loaded after, says when they change.
(() => {
  "use strict";

  const ROWS = 12;

  const section = document.getElementById("history");
  if (!section) return;
  const language = document.documentElement.lang;
  const zone = "Asia/Seoul";
  const clock = (options) => new Intl.DateTimeFormat(language, { timeZone: zone, hourCycle: "h23", ...options });
  const minute = clock({ hour: "2-digit", minute: "2-digit" });
  const second = clock({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
  const day = clock({ month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit" });
  const plain = new Intl.NumberFormat(language);
  const short = new Intl.NumberFormat(language, { notation: "compact", maximumFractionDigits: 1 });
  // As the server writes a moment, whose pattern of a date the page has.
  const [number, name] = ["numeric", "short"].map((month) =>
    clock({ year: "numeric", month, day: "numeric", weekday: "short" }));
  const partsOf = (format, at) => Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
  function moment(at) {
    const { year, month, day: date, weekday } = partsOf(number, at);
    const parts = { y: year, M: month, MMM: partsOf(name, at).month, d: date, E: weekday };
    return `${section.dataset.date.replace(/MMM|[yMdE]/g, (part) => parts[part])} ${second.format(at)}`;
  }
  const won = (amount) => section.dataset.won.replace("{amount}", plain.format(amount));

  function update(times, cutoffs) {
    const changes = times.map((at, place) => [at, cutoffs[place]]).filter(([, now], at) => now !== cutoffs[at - 1]);
    const [first, last] = [cutoffs[0], cutoffs.at(-1)].map(won);
    const { stayed, rose } = section.dataset;
    const hasRisen = first !== last;
    section.querySelector("[data-told]").textContent = hasRisen
      ? rose.replace("{least}", first).replace("{most}", last)
      : stayed.replace("{amount}", last);
    section.querySelector("details").hidden = false;
    section.querySelector("tbody").replaceChildren(...changes.slice(-ROWS).reverse().map(row));
  }

  function row([at, cutoff]) {
    const tableRow = document.createElement("tr");
    const time = document.createElement("time");
    time.dateTime = new Date(at).toISOString();
    time.textContent = moment(at);
    tableRow.insertCell().append(time);
    const amount = tableRow.insertCell();
    amount.className = "amount";
    amount.textContent = won(cutoff);
    return tableRow;
  }

  window.chartTexts = { day, minute, second, short, update, won, zone };
})();
