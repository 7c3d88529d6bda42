// Everybody watches one auction, by a socket or by asking for its board every two seconds, while bids move the board.
//
// PLAN names a JSON file: target (address), auction (id), watchers (number), pushes (whether they hold sockets), ramp
// (seconds before the bids, in which sockets open), seconds (of the bids), tail (seconds after them, in which the last of
// them must be seen), poll_ms, bids (a second), clients (how many of them may wait at once), first_row (of the first
// bid), minimum and step (won), guests (file with [cookie, token] pairs), summary (file for k6's own summary).
//
// `watch.seen` says at which moment how many watchers saw a board: its body has the cut-off (won) that they had seen
// before, the cut-off of this board, and the moment (ms since 1970, in steps of 10). Each bid raises the cut-off, so this
// tells when each watcher saw each bid. The first board of a watcher has 0 before it.
import exec from 'k6/execution';
import { WebSocket } from 'k6/experimental/websockets';
import http from 'k6/http';
import { SharedArray } from 'k6/data';
import { Counter } from 'k6/metrics';
import { setTimeout } from 'k6/timers';
import { beginning, step, trendStats, waitedFor, write } from './steps.js';

const plan = JSON.parse(open(__ENV.PLAN));
const guests = new SharedArray('guests', () => JSON.parse(open(plan.guests)));
const auction = `${plan.target}/auctions/${plan.auction}`;
const late = new Counter('late_requests');
const WATCHERS_EACH = 50;
const SILENT_MS = 3000;
const SENT_LATE_MS = 500;
const MOMENT_MS = 10;
const [WRONG_PAGE, OUT_OF_ORDER] = [999, 996];
const whole = plan.ramp + plan.seconds + plan.tail;

export const options = {
  scenarios: {
    bids: {
      executor: 'constant-arrival-rate',
      exec: 'bids',
      rate: plan.bids,
      timeUnit: '1s',
      startTime: `${plan.ramp}s`,
      duration: `${plan.seconds}s`,
      preAllocatedVUs: plan.clients,
      maxVUs: plan.clients,
      gracefulStop: '15s',
    },
    watchers: {
      executor: 'per-vu-iterations',
      exec: 'watchers',
      vus: Math.ceil(plan.watchers / WATCHERS_EACH),
      iterations: 1,
      maxDuration: `${whole + 20}s`,
    },
  },
  systemTags: [],
  summaryTrendStats: trendStats,
  userAgent: 'k6',
};

export function bids() {
  const row = exec.scenario.iterationInTest;
  const [cookie, token] = guests[row];
  const amount = String(plan.minimum + plan.step * (plan.first_row + row));
  step('move.bid', row, 'POST', `${auction}/bids`, {
    form: { amount, sure: amount, request_id: `row-${row}` },
    headers: { Cookie: cookie, 'X-CSRFToken': token, Accept: 'application/json' },
    status: 201,
    body: beginning,
  });
}

// What the watchers of one client saw, counted, and written down at the end.
class Sights {
  constructor() {
    this.counts = { frames: new Map(), boards: new Map() };
  }

  count(what, key) {
    this.counts[what].set(key, (this.counts[what].get(key) || 0) + 1);
  }

  write() {
    const now = Date.now();
    for (const [age, count] of this.counts.frames) write(now, now, 'watch.frame', count, 200, age);
    for (const [sight, count] of this.counts.boards) write(now, now, 'watch.seen', count, 200, 0, sight);
  }
}

// One person's screen: the newest board on it.
class Screen {
  constructor(number, sights) {
    this.number = number;
    this.sights = sights;
    this.version = 0;
    this.cutoff = 0;
  }

  // Shows a board, or a beat, which has no cut-off. Returns the store's clock in it (ms), or null when it is neither.
  show(text) {
    const now = Date.now();
    const head = text.slice(0, 700);
    const clock = /data-now-ms="(\d+)"/.exec(head);
    if (!clock) return null;
    const version = Number((/data-version="(\d+)"/.exec(head) || [0, 0])[1]);
    const cutoff = Number((/data-cutoff="(\d+)"/.exec(head) || [0, this.cutoff])[1]);
    if (version < this.version || cutoff < this.cutoff) write(now, now, 'watch.order', this.number, OUT_OF_ORDER, 0);
    if (cutoff > this.cutoff) {
      const moment = Math.ceil(now / MOMENT_MS) * MOMENT_MS;
      this.sights.count('boards', `${this.cutoff} ${cutoff} ${moment}`);
    }
    this.version = Math.max(version, this.version);
    this.cutoff = Math.max(cutoff, this.cutoff);
    return Number(clock[1]);
  }
}

export function watchers() {
  const sights = new Sights();
  const began = Date.now() - exec.instance.currentTestRunDuration;
  const endsAt = began + whole * 1000;
  const first = exec.scenario.iterationInTest * WATCHERS_EACH;
  const start = plan.pushes ? watch : poll;
  const within = plan.pushes ? plan.ramp * 1000 : plan.poll_ms;
  for (let number = first; number < Math.min(first + WATCHERS_EACH, plan.watchers); number += 1) {
    const dueAt = began + (within * number) / plan.watchers;
    setTimeout(() => start(new Screen(number, sights), dueAt, endsAt), Math.max(0, dueAt - Date.now()));
  }
  setTimeout(() => sights.write(), Math.max(0, endsAt + (plan.pushes ? 100 : 6000) - Date.now()));
}

// Asks for the board every two seconds, whether or not the answer before has come.
function poll(screen, dueAt, endsAt) {
  if (Date.now() - dueAt > SENT_LATE_MS) late.add(1);
  ask(screen);
  const next = dueAt + plan.poll_ms;
  if (next < endsAt) setTimeout(() => poll(screen, next, endsAt), Math.max(0, next - Date.now()));
}

async function ask(screen) {
  const sent = Date.now();
  const headers = screen.tag ? { 'If-None-Match': screen.tag } : {};
  const answer = await http.asyncRequest('GET', `${auction}/board?lang=ko`, null, { headers, timeout: '5s', redirects: 0 });
  const answered = Date.now();
  const isBoard = answer.status === 200 && String(answer.body).includes('id="board"');
  // An answer that was overtaken by a later one is not shown.
  const isNewest = sent > (screen.asked || 0);
  if (isBoard && isNewest) {
    screen.asked = sent;
    screen.tag = answer.headers.Etag;
    screen.show(String(answer.body));
  }
  const status = answer.status === 200 && !isBoard ? WRONG_PAGE : answer.status;
  write(sent, answered, 'watch.board', screen.number, status, waitedFor(answer));
}

// Holds a socket to the end. What each frame says of the store's clock tells how old it is when it comes: both clocks
// are those of one machine. The first board of a socket may have been drawn before the socket opened.
function watch(screen, dueAt, endsAt) {
  const began = Date.now();
  let last = 0;
  let frames = 0;
  let over = false;
  const socket = new WebSocket(`${auction.replace('http', 'ws')}/live`, null, { headers: { Origin: plan.target } });
  const silence = (now) => {
    if (now - last > SILENT_MS) write(last, now, 'watch.silence', screen.number, 0, now - last);
  };
  socket.onopen = () => {
    last = Date.now();
    write(began, last, 'watch.socket', screen.number, 101, last - began);
  };
  socket.onmessage = (event) => {
    if (over) return;
    const now = Date.now();
    silence(now);
    last = now;
    const clock = screen.show(String(event.data));
    if (clock === null) return;
    frames += 1;
    if (frames > 1) screen.sights.count('frames', Math.max(0, now - clock));
  };
  const lost = () => {
    if (over) return;
    over = true;
    write(began, Date.now(), 'watch.socket', screen.number, 0, Date.now() - began);
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
