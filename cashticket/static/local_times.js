// Beside Seoul time, the time by the reader's own clock, where that is another one. Pages are the same for everybody and
// complete without this file: it only sets an attribute, which the style sheet writes behind the moment.
(() => {
  "use strict";

  const words = document.currentScript.dataset.words;
  // Moments that somebody may plan by; not those in tables of bids, and not what counts down.
  const PLANNED = 'time[datetime]:not([role="timer"], .seat-detail, td time)';
  const language = document.documentElement.lang === "en" ? "en-GB" : "ko";
  const written = (zone) => {
    const day = new Intl.DateTimeFormat(language, { ...zone, month: "short", day: "numeric" });
    const time = new Intl.DateTimeFormat(language, { ...zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    return (at) => [day.format(at), time.format(at)];
  };
  const inSeoul = written({ timeZone: "Asia/Seoul" });
  const here = written({});

  function show(moment) {
    const at = new Date(moment.dateTime);
    if (Number.isNaN(at.getTime())) return;
    const [seoulDay, seoulTime] = inSeoul(at);
    const [day, time] = here(at);
    if (day === seoulDay && time === seoulTime) delete moment.dataset.local;
    else moment.dataset.local = words.replace("{time}", day === seoulDay ? time : `${day} ${time}`);
  }

  function showIn(node) {
    if (node.matches?.(PLANNED)) show(node);
    node.querySelectorAll?.(PLANNED).forEach(show);
  }

  showIn(document);
  // What htmx and sockets bring, and ends that move.
  new MutationObserver((changes) => changes.forEach((change) => {
    if (change.type === "attributes") showIn(change.target);
    else change.addedNodes.forEach(showIn);
  })).observe(document.body, { subtree: true, childList: true, attributeFilter: ["datetime"] });
})();
