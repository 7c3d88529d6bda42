// Pushes to this device: subscribes the browser to them, tells the server, and shows on the settings page what the
// browser can do. Loaded only where the site has a key for pushes. Without this file everything comes by mail.
window.devicePush = (() => {
  "use strict";

  const WORKER = "/service-worker.js";
  const DEVICES = "/me/notifications/devices";

  const key = document.querySelector("[data-push-key]")?.dataset.pushKey ?? "";
  const supported = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

  // Phones and tablets of Apple push only to sites that were added to the home screen.
  const isApple = /iP(hone|ad|od)/.test(navigator.userAgent)
    || (/Macintosh/.test(navigator.userAgent) && navigator.maxTouchPoints > 1);
  const needsInstalling = () => key !== "" && !supported && isApple && !navigator.standalone;
  const isOffered = () => key !== "" && supported;

  const token = () => document.querySelector('meta[name="csrf-token"]')?.content
    ?? document.querySelector('#header [name="csrf_token"]')?.value ?? "";

  const bytes = (text) =>
    Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0));

  // Whether the server did it. Others that answer in its place may call anything a success.
  async function send(path, fields) {
    const headers = { "X-CSRFToken": token(), Accept: "application/json" };
    const body = new URLSearchParams(fields);
    try {
      const answer = await window.answers.ask(path, { method: "POST", headers, body });
      return answer.ok && "subscribed" in await answer.json();
    } catch {
      return false;
    }
  }

  function tell(subscription) {
    const { endpoint, keys } = subscription.toJSON();
    return send(DEVICES, { endpoint, p256dh: keys.p256dh, auth: keys.auth, lang: document.documentElement.lang });
  }

  async function subscription() {
    if (!isOffered() || Notification.permission !== "granted") return null;
    const worker = await navigator.serviceWorker.getRegistration("/");
    return worker ? worker.pushManager.getSubscription() : null;
  }

  async function subscribed() {
    await navigator.serviceWorker.register(WORKER);
    const { pushManager } = await navigator.serviceWorker.ready;
    const options = { userVisibleOnly: true, applicationServerKey: bytes(key) };
    try {
      return await pushManager.subscribe(options);
    } catch (error) {
      // It is subscribed under a key that the site has no more.
      const old = error.name === "InvalidStateError" ? await pushManager.getSubscription() : null;
      if (!old) throw error;
      await old.unsubscribe();
      return pushManager.subscribe(options);
    }
  }

  const isOn = async () => (await subscription()) !== null;

  // Says the server that this device still wants what it subscribed to, and in which language.
  let confirming = Promise.resolve(false);
  function confirm() {
    confirming = subscription().then((present) => present !== null && tell(present));
    return confirming;
  }

  async function turnOn() {
    if (!isOffered() || await Notification.requestPermission() !== "granted") return false;
    try {
      const fresh = await subscribed();
      if (await tell(fresh)) return true;
      await fresh.unsubscribe();
    } catch { /* No push service, such as in a private window. */ }
    return false;
  }

  async function turnOff() {
    // What was said before must not arrive after this.
    await confirming;
    const present = await subscription();
    if (!present) return;
    await send(`${DEVICES}/remove`, { endpoint: present.endpoint });
    await present.unsubscribe();
  }

  // The settings page

  const card = document.getElementById("push-device");

  function show(state) {
    for (const each of card.querySelectorAll("[data-push-state]")) each.hidden = each.dataset.pushState !== state;
    for (const each of card.querySelectorAll("[data-push-turn]")) {
      each.hidden = !(state === "on" ? each.dataset.pushTurn === "off"
        : ["off", "failed"].includes(state) && each.dataset.pushTurn === "on");
    }
  }

  async function look() {
    if (!supported) show(needsInstalling() ? "install" : "closed");
    else if (Notification.permission === "denied") show("blocked");
    else show(await isOn() ? "on" : "off");
  }

  if (card) {
    card.addEventListener("click", async (event) => {
      const turn = event.target.closest("[data-push-turn]")?.dataset.pushTurn;
      if (!turn) return;
      if (turn === "off") await turnOff();
      else if (!await turnOn() && Notification.permission !== "denied") return show("failed");
      await look();
    });
    // A session that was ended from elsewhere took the subscription with it: here it is taken up again.
    look().then(async () => {
      if (await isOn() && !await confirm() && await isOn()) show("failed");
    });
  }

  return { isOffered, needsInstalling, isOn, confirm, turnOn, turnOff };
})();
