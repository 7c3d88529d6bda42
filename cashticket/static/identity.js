// Opens the window of PortOne for the verification that this page names; the browser comes back by an address of ours.
(() => {
  "use strict";

  const button = document.getElementById("open-window");
  const problem = document.getElementById("window-problem");

  button.addEventListener("click", async () => {
    problem.hidden = true;
    const { store, channel, reference, back } = button.dataset;
    try {
      const answer = await window.PortOne.requestIdentityVerification({
        storeId: store, channelKey: channel, identityVerificationId: reference,
        redirectUrl: new URL(back, location.origin).href, forceRedirect: true,
      });
      // A window that does not redirect gives its answer here. What it says proves nothing; the way on is the same.
      if (answer) location.assign(`${back}${back.includes("?") ? "&" : "?"}identityVerificationId=${reference}`);
    } catch {
      problem.hidden = false;
    }
  });
})();
