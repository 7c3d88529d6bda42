// Shows what is pushed to this device, and opens the page it is about. It keeps no page: prices are never older than
// the page that shows them. All texts come from the server.
"use strict";

const DEVICES = "/me/notifications/devices";
const ICON = "/static/icon-192.png";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

// Browsers demand that every push shows something.
function read(data) {
  try {
    return { title: "CashTicket", body: "", tag: "CashTicket", link: "/me/notifications", ...data.json() };
  } catch {
    return { title: "CashTicket", body: "", tag: "CashTicket", link: "/me/notifications" };
  }
}

async function show(data) {
  const { id, title, body, tag, lang, link } = read(data);
  // One that came twice replaces itself in silence; a newer one of its auction rings again.
  const shown = await self.registration.getNotifications({ tag });
  const renotify = !shown.some((each) => each.data?.id === id);
  await self.registration.showNotification(title, { body, tag, lang, icon: ICON, renotify, data: { id, link } });
}

// The address of a page of ours, whatever was pushed.
function ours(link) {
  try {
    const address = new URL(link, self.location.origin);
    if (address.origin === self.location.origin) return address;
  } catch { /* see below */ }
  return new URL("/me/notifications", self.location.origin);
}

async function open(link) {
  const address = ours(link);
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const there = pages.find((page) => new URL(page.url).pathname === address.pathname);
  return there ? there.focus() : self.clients.openWindow(address.href);
}

// The token without which the server takes no form stands in the header of every page of a signed-in reader.
async function token() {
  const answer = await fetch("/me/header", { credentials: "same-origin" });
  const match = /name="csrf_token" value="([^"]+)"/.exec(await answer.text());
  return match ? match[1] : "";
}

// The push service gave this device another address.
async function renew(old) {
  const key = old?.options?.applicationServerKey;
  if (!key) return;
  const fresh = await self.registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  const { endpoint, keys } = fresh.toJSON();
  const body = new URLSearchParams({ endpoint, p256dh: keys.p256dh, auth: keys.auth });
  const headers = { "X-CSRFToken": await token(), Accept: "application/json" };
  await fetch(DEVICES, { method: "POST", headers, body, credentials: "same-origin" });
}

self.addEventListener("push", (event) => event.waitUntil(show(event.data)));
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data?.link));
});
self.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(renew(event.oldSubscription)));
