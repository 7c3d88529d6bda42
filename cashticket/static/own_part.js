// The reader's own part of a page that is the same for everybody. htmx loads it after the page. When the hall is full it
// is asked for again and again, later each time and at random moments, so that the crowd's requests spread out.
(() => {
  "use strict";

  const FIRST_MS = 1000;
  const LONGEST_MS = 30000;
  const FAILURES_UNSAID = 1;

  const part = document.getElementById("own-part");
  if (!part) return;
  let failures = 0;
  let timer = null;

  function ask() {
    clearTimeout(timer);
    part.dispatchEvent(new CustomEvent("again"));
  }

  function askLater() {
    failures += 1;
    part.hidden = failures <= FAILURES_UNSAID;
    const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** failures);
    clearTimeout(timer);
    timer = setTimeout(ask, longest * (0.5 + Math.random() / 2));
  }

  document.addEventListener("htmx:after:request", (event) => {
    const { sourceElement, response } = event.detail.ctx ?? {};
    if (sourceElement !== part) return;
    // htmx gives the status alone.
    if (!response || response.status >= 400) {
      askLater();
      return;
    }
    failures = 0;
    part.hidden = true;
  });
  document.addEventListener("htmx:error", (event) => {
    if (event.detail.ctx?.sourceElement === part) askLater();
  });

  // A page that comes back from the browser's memory shows who was signed in then.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) ask();
  });
  window.addEventListener("online", () => {
    if (failures) ask();
  });
})();
