// The review of a bid, while it is open in an auction page. When prices move so that its amount wins a seat no longer, or
// wins one after all, it is asked for again; when bidding is over it goes. One that was sent stays for its answer.
(() => {
  "use strict";

  const LOOK_MS = 250;
  const SPREAD_MS = 1000;

  const auction = document.getElementById("auction");
  if (!auction || !window.auctionClock) return;
  const { announce, phase } = window.auctionClock;
  const piece = (name) => document.getElementById(name);
  // One that waits for its answer may have been accepted.
  const isSent = (review) => review.querySelector("[data-resting], [data-asking-again], #checking") !== null;
  const open = () => {
    const review = document.querySelector("#confirm.review");
    return review && !isSent(review) ? review : null;
  };

  // Whoever is winning wins with every raise.
  function wins(review) {
    const isIn = piece("standing")?.dataset.position === "winning";
    return isIn || Number(review.dataset.amount) >= Number(piece("board").dataset.toWin);
  }
  const isTrue = (review) => !review.dataset.wins || (review.dataset.wins === "yes") === wins(review);

  function close(review) {
    const empty = document.createElement("div");
    empty.id = "confirm";
    const hadFocus = review.contains(document.activeElement);
    review.replaceWith(empty);
    if (hadFocus) piece("main").focus({ preventScroll: true });
  }

  async function answer(review) {
    const address = `/auctions/${auction.dataset.auction}/confirm?amount=${review.dataset.amount}`;
    try {
      const language = document.documentElement.lang;
      const response = await window.answers.ask(`${address}&lang=${language}`);
      const text = response.ok ? await response.text() : "";
      return window.answers.piece(text, "confirm")?.matches(".review") ? text : null;
    } catch {
      return null;
    }
  }

  // One question for each change of the board, and not by everybody at once.
  let askedAt = "";
  async function renew(review) {
    const { version } = piece("board").dataset;
    if (askedAt === version) return;
    askedAt = version;
    await new Promise((done) => { setTimeout(done, Math.random() * SPREAD_MS); });
    const text = open() === review && !isTrue(review) ? await answer(review) : null;
    // Meanwhile the reader may have sent it or put it away.
    if (!text || open() !== review) return;
    const hadFocus = review.contains(document.activeElement);
    await htmx.swap({ sourceElement: auction, target: "#confirm", swap: "outerHTML", text, transition: false });
    if (hadFocus) piece("confirm-title")?.focus({ preventScroll: true });
    announce(document.querySelector("#confirm .review-facts li")?.textContent ?? "");
  }

  setInterval(() => {
    const review = open();
    if (!review || !piece("board")) return;
    if (!["scheduled", "open"].includes(phase())) close(review);
    else if (!isTrue(review)) renew(review);
  }, LOOK_MS);
})();
