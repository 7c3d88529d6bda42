// Places in lines on my page. When places in a line moved, the page asks for itself once, at a random moment within the
// time that the frame names, and shows the new places alone: what the reader typed or opened elsewhere stays.
(() => {
  "use strict";

  const LINE = /^\s*<i id="line"[^>]*?\sdata-auction="(\d+)"[^>]*?\sdata-spread-ms="(\d+)"/;
  const placeOf = (root, auction) => root.querySelector(`[data-line="${auction}"]`);
  const timers = new Map();

  async function renew(auction) {
    timers.delete(auction);
    try {
      const response = await window.answers.ask(window.location.href, { headers: {} });
      if (!response.ok || response.redirected) return;
      const page = window.answers.page(await response.text());
      const shown = placeOf(document, auction);
      if (!page || !shown) return;
      const fresh = placeOf(page, auction);
      if (fresh) shown.replaceWith(document.importNode(fresh, true));
      // Out of the line: offered a seat, or left. Nobody who is about to decide something loses the page for it.
      else if (!document.querySelector("details[open], button:focus")) window.location.reload();
    } catch { /* The next move or the next page shows it. */ }
  }

  document.addEventListener("heard", ({ detail }) => {
    const [, auction, spreadMs] = LINE.exec(detail.text) ?? [];
    if (!auction || timers.has(auction) || !placeOf(document, auction)) return;
    timers.set(auction, setTimeout(() => renew(auction), Math.random() * Number(spreadMs)));
  });
})();
