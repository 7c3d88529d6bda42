// Scenarios of visits: people who watch an auction, look around, or sign in and bid by the forms of the pages.
//
// PLAN names a JSON file: target (address), auction and concert (ids), seconds, ramp (seconds before, in which sockets
// open), polls, pages and bids (a minute), sockets (number), clients (how many of each may wait at once), minimum
// and step (won), password, guests (file with e-mail addresses), summary (file for k6's own summary).
import { SharedArray } from 'k6/data';
import exec from 'k6/execution';
import { WebSocket } from 'k6/experimental/websockets';
import { setTimeout } from 'k6/timers';
import { beginning, field, step, trendStats, write } from './steps.js';

const plan = JSON.parse(open(__ENV.PLAN));
const guests = new SharedArray('guests', () => JSON.parse(open(plan.guests)));
const auction = `${plan.target}/auctions/${plan.auction}`;
const SOCKETS_EACH = 25;
const SILENT_MS = 3000;
const POLL_MS = 2000;

function arrivals(exec_, perMinute, clients) {
  return {
    executor: 'constant-arrival-rate',
    exec: exec_,
    rate: perMinute,
    timeUnit: '1m',
    startTime: `${plan.ramp}s`,
    duration: `${plan.seconds}s`,
    preAllocatedVUs: clients,
    maxVUs: clients,
    gracefulStop: '30s',
  };
}

function scenarios() {
  const chosen = {};
  for (const [name, clients] of Object.entries(plan.clients)) {
    if (plan[name]) chosen[name] = arrivals(name, plan[name], clients);
  }
  if (plan.sockets) {
    chosen.sockets = {
      executor: 'per-vu-iterations',
      exec: 'sockets',
      vus: Math.ceil(plan.sockets / SOCKETS_EACH),
      iterations: 1,
      maxDuration: `${plan.ramp + plan.seconds + 20}s`,
    };
  }
  return chosen;
}

export const options = {
  scenarios: scenarios(),
  systemTags: [],
  summaryTrendStats: trendStats,
  userAgent: 'k6',
};

// What this client got: {at (ms), tag}, oldest first. A page asks with the tag that it got two seconds ago; a client
// plays a page after the other, more often than that.
const boards = [];

export function polls() {
  const at = Date.now();
  while (boards.length > 1 && boards[1].at <= at - POLL_MS) boards.shift();
  const tag = boards.length && boards[0].at <= at - POLL_MS ? boards[0].tag : '';
  const answer = step('watch.board', exec.scenario.iterationInTest, 'GET', `${auction}/board?lang=ko`, {
    mark: 'id="board"',
    headers: tag ? { 'If-None-Match': tag } : {},
    unchanged: Boolean(tag),
  });
  if (answer && answer.headers.Etag) boards.push({ at, tag: answer.headers.Etag });
}

export function pages() {
  const number = exec.scenario.iterationInTest;
  const [kind, address, mark] = [
    ['home', `${plan.target}/`, `/concerts/`],
    ['concerts', `${plan.target}/concerts/`, '/concerts/'],
    ['concert', `${plan.target}/concerts/${plan.concert}`, `/auctions/${plan.auction}`],
    ['auction', auction, 'id="board"'],
  ][number % 4];
  step(`browse.${kind}`, number, 'GET', address, { mark });
}

// Signs in by the form of the page; whether it succeeded.
function signIn(journey, number) {
  const form = step(`${journey}.form`, number, 'GET', `${plan.target}/login?next=/auctions/${plan.auction}`, {
    mark: 'name="csrf_token"',
  });
  if (!form) return false;
  const typed = { email: guests[number], password: plan.password };
  const hidden = { csrf_token: field(form.body, 'csrf_token'), next: field(form.body, 'next') };
  return step(`${journey}.sign-in`, number, 'POST', `${plan.target}/login`, {
    form: { ...hidden, ...typed },
    headers: { Origin: plan.target },
    status: 303,
  });
}

function openAuction(journey, number) {
  const shown = step(`${journey}.page`, number, 'GET', auction, { mark: 'id="board"' });
  const headers = { 'HX-Request': 'true' };
  return shown && step(`${journey}.standing`, number, 'GET', `${auction}/standing`, { headers, mark: 'id="standing"' });
}

export function bids() {
  const number = exec.scenario.iterationInTest;
  if (!signIn('bid', number) || !openAuction('bid', number)) return;
  const amount = plan.minimum + plan.step * number;
  const review = step('bid.review', number, 'GET', `${auction}/confirm?amount=${amount}`, {
    headers: { 'HX-Request': 'true' },
    mark: 'name="request_id"',
  });
  if (!review) return;
  const request = field(review.body, 'request_id');
  const sent = field(review.body, 'amount');
  const form = { csrf_token: field(review.body, 'csrf_token'), amount: sent, sure: sent, request_id: request };
  step('bid.bid', number, 'POST', `${auction}/bids`, {
    form,
    headers: { Accept: 'application/json', Origin: plan.target },
    status: 201,
    body: (answer) => `${request} ${beginning(answer)}`,
  });
}

// Opens its share of the sockets, one after the other, and holds them to the end. What each frame says of the store's
// clock tells how old it is when it comes: both clocks are those of one machine. The first board of a socket was drawn
// before it came.
export function sockets() {
  const ages = new Map();
  const ends = (plan.ramp + plan.seconds) * 1000 - exec.instance.currentTestRunDuration;
  const first = exec.scenario.iterationInTest * SOCKETS_EACH;
  for (let number = first; number < Math.min(first + SOCKETS_EACH, plan.sockets); number += 1) {
    const due = (plan.ramp * 1000 * number) / plan.sockets - exec.instance.currentTestRunDuration;
    setTimeout(() => watch(number, ages, Date.now() + ends - Math.max(due, 0)), Math.max(due, 0));
  }
  setTimeout(() => {
    const now = Date.now();
    for (const [age, count] of ages) write(now, now, 'watch.frame', count, 200, age);
  }, ends);
}

function watch(number, ages, endsAt) {
  const began = Date.now();
  let last = 0;
  let over = false;
  const socket = new WebSocket(`${auction.replace('http', 'ws')}/live`, null, { headers: { Origin: plan.target } });
  const silence = (now) => {
    if (now - Math.max(last, began) > SILENT_MS) write(last, now, 'watch.silence', number, 0, now - last);
  };
  socket.onopen = () => {
    last = Date.now();
    write(began, last, 'watch.socket', number, 101, last - began);
  };
  let frames = 0;
  socket.onmessage = (event) => {
    const now = Date.now();
    silence(now);
    last = now;
    const said = /data-now-ms="(\d+)"/.exec(String(event.data).slice(0, 600));
    if (!said) return;
    frames += 1;
    if (frames === 1 || over) return;
    const age = Math.max(0, now - Number(said[1]));
    ages.set(age, (ages.get(age) || 0) + 1);
  };
  const lost = () => {
    if (over) return;
    over = true;
    const now = Date.now();
    write(began, now, 'watch.socket', number, 0, now - began);
  };
  socket.onerror = lost;
  socket.onclose = lost;
  setTimeout(() => {
    if (over) return;
    over = true;
    if (last) silence(Date.now());
    socket.close();
  }, Math.max(0, endsAt - Date.now()));
}

export function handleSummary(data) {
  return { [plan.summary]: JSON.stringify(data) };
}
