// Passkeys: asks the browser for one, or to make one, and puts its answer into a hidden field of the form.
// Without this file, or where the browser knows no passkeys, codes and passwords work as before.
(() => {
  "use strict";

  const supported = (origin) => Boolean(window.PublicKeyCredential && navigator.credentials) && origin === location.origin;

  const bytes = (text) =>
    Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

  // Fetches fresh options: each challenge can be answered once.
  async function options(form, address) {
    const headers = { "X-CSRFToken": form.elements.csrf_token.value, Accept: "application/json" };
    const answer = await window.answers.ask(address, { method: "POST", headers });
    if (!answer.ok) throw new Error(`no options: ${answer.status}`);
    return answer.json();
  }

  const descriptors = (list = []) => list.map((each) => ({ ...each, id: bytes(each.id) }));

  async function ask(form, address) {
    const given = await options(form, address);
    const publicKey = {
      ...given, challenge: bytes(given.challenge), allowCredentials: descriptors(given.allowCredentials),
    };
    const { id, type, response } = await navigator.credentials.get({ publicKey });
    return JSON.stringify({
      id, rawId: id, type,
      response: {
        clientDataJSON: text(response.clientDataJSON),
        authenticatorData: text(response.authenticatorData),
        signature: text(response.signature),
        userHandle: response.userHandle ? text(response.userHandle) : undefined,
      },
    });
  }

  async function make(form, address) {
    const given = await options(form, address);
    const publicKey = {
      ...given,
      challenge: bytes(given.challenge),
      user: { ...given.user, id: bytes(given.user.id) },
      excludeCredentials: descriptors(given.excludeCredentials),
    };
    const { id, type, response } = await navigator.credentials.create({ publicKey });
    return JSON.stringify({
      id, rawId: id, type,
      response: {
        clientDataJSON: text(response.clientDataJSON),
        attestationObject: text(response.attestationObject),
      },
    });
  }

  // A button that proves who the reader is, and sends the form if nothing else is missing in it. A form that goes on to
  // make a passkey is sent by its own button.
  function proving(box) {
    const form = box.closest("form");
    const status = box.querySelector("[role=status]");
    box.hidden = false;
    box.querySelector("button").addEventListener("click", async () => {
      status.textContent = "";
      try {
        form.elements.passkey.value = await ask(form, box.dataset.passkey);
      } catch {
        status.textContent = status.dataset.failed;
        return;
      }
      status.textContent = status.dataset.done ?? "";
      if (!form.dataset.passkeyCreate && form.checkValidity()) form.requestSubmit();
    });
  }

  // A form that makes a passkey first and is sent then.
  function making(form) {
    const status = form.querySelector("[data-passkey-status]");
    form.addEventListener("submit", async (event) => {
      if (form.elements.created.value) return;
      event.preventDefault();
      status.textContent = "";
      try {
        form.elements.created.value = await make(form, form.dataset.passkeyCreate);
      } catch {
        status.textContent = status.dataset.failed;
        return;
      }
      form.requestSubmit();
    });
  }

  for (const box of document.querySelectorAll("[data-passkey]")) if (supported(box.dataset.origin)) proving(box);
  for (const form of document.querySelectorAll("[data-passkey-create]")) {
    if (supported(form.dataset.origin)) making(form);
    else {
      form.hidden = true;
      document.querySelector("[data-passkey-unsupported]").hidden = false;
    }
  }
})();
