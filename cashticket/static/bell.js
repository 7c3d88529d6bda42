// The notice menu in the page header: counts unread notices if the page itself did not, and loads the newest ones when
// it is opened. Without this file the menu still links to all notices.
(() => {
  "use strict";

  const menu = document.getElementById("bell");
  if (!menu) return;

  // Without such a piece in the answer (no network, the session has ended) the page stays as it is.
  async function refresh(name) {
    try {
      const response = await fetch(`/me/notifications/${name}`, { headers: { "HX-Request": "true" } });
      if (!response.ok) return;
      const fresh = new DOMParser().parseFromString(await response.text(), "text/html").getElementById(name);
      if (fresh) document.getElementById(name)?.replaceWith(document.importNode(fresh, true));
    } catch { /* The next page tries again. */ }
  }

  menu.addEventListener("toggle", () => {
    if (!menu.open) return;
    refresh("latest");
    refresh("unread");
  });
  document.addEventListener("click", (event) => {
    if (menu.open && !menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  // A result that appears on an open page also comes as a notice.
  let hasOutcome = document.querySelector("#standing .outcome") !== null;
  document.addEventListener("htmx:after:swap", () => {
    if (hasOutcome || !document.querySelector("#standing .outcome")) return;
    hasOutcome = true;
    refresh("unread");
  });
  if (menu.querySelector("[data-uncounted]")) refresh("unread");
})();
