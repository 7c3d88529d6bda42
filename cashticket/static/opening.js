// The bid form of an auction page opens and closes by the server's clock, on every page at the same moment and without a
// request; the auction decides, as always. Also shows strangers, who get no frames of their own, what the auction is now.
(() => {
  "use strict";

  const LOOK_MS = 250;

  const bar = document.getElementById("bid");
  const form = bar?.querySelector(".bid-form");
  if (!bar || !window.auctionClock) return;
  const { announce, fill, leftInWords, phase, serverNow, tick } = window.auctionClock;
  const button = form?.querySelector("button[type=submit]");
  const notNow = document.getElementById("not-now");
  const board = () => document.getElementById("board");
  const signedIn = () => document.querySelector("#header form") !== null;

  function showStateLine(now) {
    const standing = document.getElementById("standing");
    const template = document.querySelector(`template[data-state-line="${now === "open" ? "watching" : now}"]`);
    const opened = now === "open" && standing?.dataset.position === "scheduled";
    if (!standing || !template || (signedIn() && !opened)) return;
    standing.querySelector(".state-line")?.replaceWith(template.content.cloneNode(true));
    standing.dataset.position = template.dataset.stateLine;
  }

  function show() {
    const [before, now] = [bar.dataset.phase, phase()];
    if (before === now) return;
    bar.dataset.phase = now;
    if (button) {
      if (now === "open") button.removeAttribute("aria-disabled");
      else button.setAttribute("aria-disabled", "true");
      notNow.hidden = true;
      if (before === "scheduled" && now === "open") announce(notNow.dataset.opened);
    }
    showStateLine(now);
    dropForm();
    tick();
  }

  // Whoever has no chance left, or may not bid here, has no form; neither has anybody once there is a result.
  function dropForm() {
    const isSpent = document.getElementById("standing")?.dataset.chances === "0";
    const isFinal = ["settled", "voided"].includes(phase());
    if (form?.isConnected && (isSpent || isFinal || bar.querySelector("[data-barred]"))) form.remove();
  }
  document.addEventListener("htmx:after:swap", dropForm);
  document.addEventListener("htmx:ws:after:message:incoming", dropForm);

  // Looks again at the very moment of the opening or the end, and every quarter of a second in case it has moved.
  function look() {
    if (!board()) return;
    show();
    const { opensAtMs, endsAtMs } = board().dataset;
    const left = Number(phase() === "scheduled" ? opensAtMs : endsAtMs) - serverNow();
    setTimeout(look, left > 0 ? Math.min(LOOK_MS, Math.max(1, left)) : LOOK_MS);
  }

  // Pressed before the opening or after the end, the button says why nothing happens. What is typed stays.
  form?.addEventListener("submit", (event) => {
    const now = phase();
    if (now === "open") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const left = leftInWords(Number(board().dataset.opensAtMs) - serverNow());
    notNow.textContent = now === "scheduled" ? fill(notNow.dataset.scheduled, { left }) : notNow.dataset.over;
    notNow.hidden = false;
  }, true);

  look();
})();
