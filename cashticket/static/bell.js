// The notice menu in the page header: counts unread notices if the page itself did not, and loads the newest ones when
// it is opened. Without this file the menu still links to all notices.
(() => {
  "use strict";

  // Pages that are the same for everybody get their header after this file has run.
  const bell = () => document.getElementById("bell");

  // Without such a piece in the answer (no network, the session has ended) the page stays as it is.
  async function refresh(name) {
    try {
      const response = await fetch(`/me/notifications/${name}`, { headers: { "HX-Request": "true" } });
      if (!response.ok) return;
      const fresh = new DOMParser().parseFromString(await response.text(), "text/html").getElementById(name);
      if (fresh) document.getElementById(name)?.replaceWith(document.importNode(fresh, true));
    } catch { /* The next page tries again. */ }
  }

  // This event does not bubble.
  document.addEventListener("toggle", (event) => {
    if (event.target !== bell() || !bell()?.open) return;
    refresh("latest");
    refresh("unread");
  }, true);
  document.addEventListener("click", (event) => {
    if (bell()?.open && !bell().contains(event.target)) bell().open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !bell()?.open) return;
    bell().open = false;
    bell().querySelector("summary").focus();
  });
  // A result that appears on an open page also comes as a notice.
  let hasOutcome = document.querySelector("#standing .outcome") !== null;
  document.addEventListener("htmx:after:swap", (event) => {
    const isNew = !hasOutcome && document.querySelector("#standing .outcome") !== null;
    hasOutcome ||= isNew;
    // The own part of a page has counted already.
    if (isNew && bell() && event.detail.ctx?.sourceElement?.id !== "own-part") refresh("unread");
  });
  if (bell()?.querySelector("[data-uncounted]")) refresh("unread");
})();
