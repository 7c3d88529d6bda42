// What an auction page says around its pieces: title, announcements, answers to bids, and what an opening or an end
// changes. live_pieces.js calls it when pieces have changed.
(() => {
  "use strict";

  const READ_MS = 4000;
  const FAILURE_READ_MS = 8000;
  const UNTIL_END = "#ring, [data-until-end], .stage > [id^=reminder-]";

  const auction = document.getElementById("auction");
  const texts = document.getElementById("live-texts")?.dataset;
  if (!auction || !texts || !window.auctionClock) return;
  const piece = (name) => document.getElementById(name);
  const { announce, showEnd, tick } = window.auctionClock;

  const plainTitle = document.title;
  let { position, sequence: bidSequence } = piece("standing")?.dataset ?? {};
  let state = piece("board")?.dataset.state;

  // The answer to a bid goes with the next change of what it belongs to, once there was time to read it: an accepted one
  // with the place of the bid, advice with a newer bid or the end, and that the bid came too late with a later end.
  const told = (element, ...names) => names.map((name) => element?.dataset[name]).join(" ");
  function about(answer, standing) {
    const { reason } = answer.dataset;
    if (!reason) return told(standing, "position", "rank", "sequence");
    if (reason === "closed") return told(piece("board"), "endsAtMs");
    return `${told(piece("board"), "state")} ${told(standing, "sequence")}`;
  }
  function dropAnswer(standing) {
    const answer = document.querySelector(".notice-kept[data-about]");
    if (!answer || answer.dataset.about === about(answer, standing)) return;
    delete answer.dataset.about;
    setTimeout(() => answer.remove(), Number(answer.dataset.readMs) - performance.now());
  }

  function dropAlerts() {
    document.querySelectorAll(`#alerts [data-auction="${auction.dataset.auction}"]`).forEach((old) => old.remove());
    document.dispatchEvent(new CustomEvent("alert-over", { detail: auction.dataset.auction }));
  }

  function update() {
    const standing = piece("standing");
    const board = piece("board");
    const now = standing?.dataset.position;
    document.title = now === "out" ? `${texts.outTitle} ${plainTitle}` : plainTitle;
    if (now !== position) {
      if (now === "winning") announce(texts.winning);
      else if (now === "out") announce(texts.out);
    }
    // Also with a bid that went ahead of the news of being outbid.
    const { sequence } = standing?.dataset ?? {};
    if (now === "winning" && (now !== position || sequence !== bidSequence)) dropAlerts();
    [position, bidSequence] = [now, sequence];
    document.querySelectorAll("[data-mirror]").forEach((copy) => {
      const figure = board?.querySelector(`[data-figure="${copy.dataset.mirror}"]`);
      if (figure && copy.textContent !== figure.textContent) copy.textContent = figure.textContent;
    });
    dropAnswer(standing);
    showEnd();
    if (board && board.dataset.state !== state) {
      state = board.dataset.state;
      if (state === "closing") announce(texts.over);
      // From now on nobody can bid or be outbid, and there is nothing to be reminded of.
      if (!["scheduled", "open"].includes(state)) {
        document.querySelectorAll(UNTIL_END).forEach((old) => old.remove());
        dropAlerts();
      }
    }
    tick();
  }

  // The next frame would remove the answer to a bid, so its notice moves out of the piece. What is said of a pause stays:
  // it goes when the pause ends.
  function keepAnswer(standing) {
    const notice = standing?.querySelector(":scope > .notice:not([data-paused])");
    if (!notice) return;
    document.querySelectorAll(".notice-kept").forEach((old) => old.remove());
    notice.classList.add("notice-kept");
    notice.dataset.about = about(notice, standing);
    notice.dataset.readMs = performance.now() + READ_MS;
    // A moved element loses the focus, and a keyboard user their place on the page.
    const focused = document.activeElement === notice;
    standing.before(notice);
    if (focused) notice.focus({ preventScroll: true });
  }

  document.addEventListener("htmx:after:swap", (event) => {
    const standing = piece("standing");
    // The page itself shows nobody's standing, so the first one is no change.
    if (event.detail.ctx?.sourceElement?.id === "own-part") {
      ({ position, sequence: bidSequence } = standing?.dataset ?? {});
    }
    keepAnswer(standing);
  });

  // When a pause ends, neither the answer to a bid that came into it is true any longer, nor what a page that was opened
  // meanwhile says of it.
  const isPaused = () => "paused" in (piece("board")?.dataset ?? {});
  const OF_A_PAUSE = "#alerts > [data-pause], .standing > [data-paused]";
  let wasPaused = isPaused();
  ["htmx:ws:after:message:incoming", "htmx:after:swap"].forEach((name) => document.addEventListener(name, () => {
    if (wasPaused && !isPaused()) document.querySelectorAll(OF_A_PAUSE).forEach((old) => old.remove());
    wasPaused = isPaused();
  }));

  // A question failed because something was out of reach: that is over once the page hears of the present again.
  function hearsAgain() {
    document.querySelectorAll("#alerts > [data-passing]").forEach((old) => {
      old.dataset.shownMs ??= performance.now();
      if (performance.now() - Number(old.dataset.shownMs) > FAILURE_READ_MS) old.remove();
    });
  }

  window.auctionPage = { state: () => state, update, hearsAgain };
})();
