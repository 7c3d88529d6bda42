// The reader's own part of a page that is the same for everybody. htmx loads it after the page. When the hall is full it
// is asked for again and again, later each time and at random moments, so that the crowd's requests spread out.
(() => {
  "use strict";

  const FIRST_MS = 1000;
  const LONGEST_MS = 30000;
  const FAILURES_UNSAID = 1;
  // Whoever answers with another 4xx answers the same next time.
  const TOO_MANY_OR_TOO_SLOW = [408, 425, 429];
  const TOLD = /^\s*<i id="told"[^>]*?\sdata-spread-ms="(\d+)"/;

  const LINE = /^\s*<i id="line"[^>]*?\sdata-auction="(\d+)"[^>]*?\sdata-spread-ms="(\d+)"/;

  const part = document.getElementById("own-part");
  if (!part) return;
  let failures = 0;
  let timer = null;
  let placeTimer = null;

  function ask() {
    clearTimeout(timer);
    part.dispatchEvent(new CustomEvent("again"));
  }

  function askLater(leastMs = 0) {
    failures += 1;
    part.hidden = failures <= FAILURES_UNSAID;
    const longest = Math.max(leastMs, Math.min(LONGEST_MS, FIRST_MS * 2 ** failures));
    clearTimeout(timer);
    timer = setTimeout(ask, Math.max(leastMs, longest * 0.5) + (longest * Math.random()) / 2);
  }

  function succeeded() {
    failures = 0;
    clearTimeout(timer);
    part.hidden = true;
  }

  document.addEventListener("htmx:finally:request", (event) => {
    const { isNone, sourceElement, response, status, text } = event.detail.ctx ?? {};
    if (sourceElement !== part) return;
    if (isNone) {
      askLater();
      return;
    }
    const isRefused = response?.status >= 400;
    if (isRefused && (response.status >= 500 || TOO_MANY_OR_TOO_SLOW.includes(response.status))) {
      askLater(1000 * Number(response.headers.get("Retry-After")) || 0);
    } else if (!response || text === undefined) askLater();
    // A frame replaced the target while the answer was on its way, so htmx dropped the answer.
    else if (!isRefused && status === "issuing" && response.status !== 204) askLater();
    // Also an answer that could not be shown: asking again would show no more.
    else succeeded();
  });

  // After the end a notice alone tells what becomes of a seat: it is offered, or the time to buy it is over. A whole hall
  // that is told at once is not asked to look, so the word then names no spread.
  document.addEventListener("heard", ({ detail }) => {
    const spreadMs = TOLD.exec(detail.text)?.[1];
    if (spreadMs && document.querySelector(".outcome")) setTimeout(ask, Math.random() * Number(spreadMs));
  });

  document.addEventListener("hearing", ({ detail }) => { if (detail.isEnded) ask(); });

  // Places in a line moved. Who waits to ask already will see this move, too.
  function askForPlace() {
    placeTimer = null;
    if (document.querySelector(".outcome[data-line]")) ask();
  }
  document.addEventListener("heard", ({ detail }) => {
    const [, auction, spreadMs] = LINE.exec(detail.text) ?? [];
    if (!auction || !document.querySelector(`.outcome[data-line="${auction}"]`)) return;
    placeTimer ??= setTimeout(askForPlace, Math.random() * Number(spreadMs));
  });

  // A browser may keep this page in its memory and show it again to whoever goes back, on a shared device perhaps to
  // somebody else. So with somebody's own part in it the page is hidden when it is left, and loaded anew when it comes
  // back. Without one it comes back at once, and asks who reads it now.
  window.addEventListener("pagehide", () => {
    document.body.hidden = document.querySelector("#header form") !== null;
  });
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    if (document.body.hidden) window.location.reload();
    else ask();
  });
  window.addEventListener("online", () => {
    if (failures) ask();
  });
})();
