// Fetches the pieces of an auction page by HTTP: while the connection is lost, when a page has fallen behind, and for the
// result. An older piece never replaces a newer one. live.js says when; live_page.js hears of every change.
(() => {
  "use strict";

  const POLL_MS = 5000;
  const POLL_LONGEST_MS = 30000;
  const SPREAD_MS = 3000;

  const auction = document.getElementById("auction");
  if (!auction || !window.auctionPage) return;
  const address = `/auctions/${auction.dataset.auction}`;
  const language = document.documentElement.lang;
  const signedIn = () => document.querySelector("#header form") !== null;
  const piece = (name) => document.getElementById(name);
  const version = (element) => Number(element?.dataset.version ?? 0);
  const { sample } = window.auctionClock;

  // How many rounds in a row the service was too full to answer, and whether it was so in the present round.
  let refusals = 0;
  let isRefused = false;

  async function fetchText(path) {
    try {
      const response = await window.answers.ask(`${address}${path}`);
      const results = response.headers.get("HX-Redirect");
      if (results) window.location.assign(results);
      if (response.status === 429 || response.status >= 500) isRefused = true;
      return response.ok ? await response.text() : null;
    } catch {
      return null;
    }
  }

  const madeAt = (text) => Number(/\sdata-now-ms="(\d+)"/.exec(text)?.[1]);

  function describe(text) {
    const root = /^\s*<section id="(board|standing)"[^>]*?\sdata-version="(\d+)"/.exec(text);
    return root && { name: root[1], version: Number(root[2]) };
  }

  const isOlder = (text) => {
    const incoming = describe(text);
    return Boolean(incoming) && incoming.version < version(piece(incoming.name));
  };

  // Says when the live store made the board that came, 0 for none in which bids are taken.
  const sayBoard = (madeMs) => document.dispatchEvent(new CustomEvent("board-answered", { detail: madeMs }));

  async function fetchPiece(name) {
    const text = await fetchText(`/${name}?lang=${language}`);
    const fetched = text && window.answers.piece(text, name) && describe(text);
    if (name === "board") sayBoard(fetched && !/\sdata-paused=/.test(text) ? madeAt(text) : 0);
    if (fetched?.name !== name || fetched.version < version(piece(name))) return;
    await htmx.swap({ sourceElement: auction, target: `#${name}`, swap: "outerMorph", text, transition: false });
    piecesShown();
  }

  // Anonymous readers have no standing, so only the board is fetched, which the proxy caches for everybody.
  const shownPieces = () => (signedIn() ? ["board", "standing"] : ["board"]);
  async function fetchPieces(names = shownPieces()) {
    isRefused = false;
    await Promise.all(names.map(fetchPiece));
    refusals = isRefused ? refusals + 1 : 0;
  }

  // While the service is full each wait is longer, at random, so that the requests of all pages spread out.
  function laterMs(usualMs) {
    if (!refusals) return usualMs * (0.9 + Math.random() / 5);
    return Math.min(POLL_LONGEST_MS, usualMs * 2 ** refusals) * (0.5 + Math.random() / 2);
  }

  // A frame announces the result, and htmx fetches it once after the delay that the frame names, so that a full hall
  // does not ask at the same moment. If that fails, it is fetched again until it comes.
  let outcomeTimer = null;
  let isDelayOver = false;
  function awaitOutcome() {
    const waiting = piece("standing");
    if (outcomeTimer || !waiting?.hasAttribute("hx-get")) return;
    const delay = isDelayOver ? 0 : Number(waiting.dataset.delayMs);
    isDelayOver = true;
    outcomeTimer = setTimeout(async () => {
      outcomeTimer = null;
      if (piece("standing")?.hasAttribute("hx-get")) await fetchPieces(["standing"]);
      awaitOutcome();
    }, delay + laterMs(POLL_MS) + Math.random() * SPREAD_MS);
  }

  function update() {
    window.auctionPage.update();
    awaitOutcome();
  }

  function piecesShown() {
    sample(Number(piece("board")?.dataset.nowMs));
    update();
  }

  // The answer to a bid comes by HTTP and may be older than what the socket has shown: then the piece is fetched again.
  let shownVersion = version(piece("standing"));
  document.addEventListener("htmx:after:swap", () => {
    const standing = piece("standing");
    const stale = version(standing) < shownVersion;
    shownVersion = Math.max(shownVersion, version(standing));
    if (stale) fetchPieces();
    update();
  });

  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) fetchPieces();
  });

  document.addEventListener("slept", () => fetchPieces());

  const forgetRefusals = () => { refusals = 0; };
  window.auctionPieces = { address, fetchPieces, forgetRefusals, isOlder, laterMs, piecesShown, pollMs: POLL_MS, version };
})();
