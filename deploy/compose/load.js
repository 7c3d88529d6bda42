// Pages and sockets for the proxy of docker-compose.yml, by people who only read: `docker compose run --rm load`, or without
// containers `k6 run load.js`. It signs nobody in and changes nothing. Settings, in the environment:
//
//   SITE            the name that people type; nothing else is ever asked
//   LOAD_RATE       pages a second (10, at most 200)
//   LOAD_SECONDS    how long (30, at most 600)
//   LOAD_WATCHERS   open sockets of one auction meanwhile (20, at most 1000; 0: none)
//
// It ends with 99 when the rule of the load lab was broken: more than 1 % of answers or sockets were not as they must be,
// or 5 % of the pages took longer than 500 ms.
import { check } from 'k6';
import exec from 'k6/execution';
import { WebSocket } from 'k6/experimental/websockets';
import http from 'k6/http';
import { setTimeout } from 'k6/timers';

const SILENT_MS = 3000;
const WATCHERS_EACH = 25;
const OPENED_A_SECOND = 100;

function bounded(name, usual, least, most) {
  const value = Number(__ENV[name] || usual);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new Error(`${name} must be a whole number from ${least} to ${most}`);
}

const site = __ENV.SITE || '';
if (!/^[A-Za-z0-9.-]+$/.test(site)) throw new Error('SITE must be the name that people type, such as tickets.example');
const target = `https://${site}:8443`;
const rate = bounded('LOAD_RATE', 10, 1, 200);
const seconds = bounded('LOAD_SECONDS', 30, 1, 600);
const watchers = bounded('LOAD_WATCHERS', 20, 0, 1000);

const reading = {
  executor: 'constant-arrival-rate',
  exec: 'read',
  rate,
  duration: `${seconds}s`,
  preAllocatedVUs: rate,
  maxVUs: rate,
  gracefulStop: '10s',
};
const watching = {
  executor: 'per-vu-iterations',
  exec: 'watch',
  vus: Math.ceil(watchers / WATCHERS_EACH),
  iterations: 1,
  maxDuration: `${seconds + 20}s`,
};

export const options = {
  scenarios: watchers ? { reading, watching } : { reading },
  // The certificate is the proxy's own affair: who asks is on its network, and knows it by that.
  insecureSkipTLSVerify: true,
  maxRedirects: 0,
  thresholds: {
    checks: ['rate>0.99'],
    http_req_duration: ['p(95)<500'],
    dropped_iterations: ['count<1'],
  },
};

const asked = (path) => http.get(`${target}${path}`, { timeout: '5s' });
const found = (page, pattern) => (pattern.exec(String(page.body)) || [])[1];

// A concert that has an auction, and that auction; without any, only pages that every installation has are read.
export function setup() {
  const concert = found(asked('/concerts/'), /\/concerts\/(\d+)/);
  const auction = concert && found(asked(`/concerts/${concert}`), /\/auctions\/(\d+)/);
  if (!auction) console.warn('no concert with an auction is listed: nobody watches, and only two pages are read');
  return { concert, auction };
}

export function read({ concert, auction }) {
  const all = [['/', '/concerts/'], ['/concerts/', '<main']];
  if (auction) {
    all.push([`/concerts/${concert}`, `/auctions/${auction}`], [`/auctions/${auction}`, 'id="board"']);
    all.push([`/auctions/${auction}/board?lang=ko`, 'id="board"']);
  }
  const [path, mark] = all[exec.scenario.iterationInTest % all.length];
  const answer = asked(path);
  check(answer, { 'the page came': () => answer.status === 200 && String(answer.body).includes(mark) });
}

// Opens its share of the sockets one after the other and holds them to the end.
export function watch({ auction }) {
  if (!auction) return;
  const first = exec.scenario.iterationInTest * WATCHERS_EACH;
  const endsAt = Date.now() + seconds * 1000;
  for (let number = first; number < Math.min(first + WATCHERS_EACH, watchers); number += 1) {
    setTimeout(() => hold(auction, endsAt), Math.min(number / OPENED_A_SECOND, seconds / 2) * 1000);
  }
}

function hold(auction, endsAt) {
  const socket = new WebSocket(`${target.replace('https', 'wss')}/auctions/${auction}/live`, null, {
    headers: { Origin: `https://${site}` },
  });
  let last = Date.now();
  let frames = 0;
  let over = false;
  const end = (held) => {
    if (over) return;
    over = true;
    check(null, { 'the socket was held and never silent': () => held && frames > 0 });
  };
  socket.onmessage = () => {
    if (Date.now() - last > SILENT_MS) end(false);
    last = Date.now();
    frames += 1;
  };
  socket.onerror = () => end(false);
  socket.onclose = () => end(false);
  setTimeout(() => {
    end(Date.now() - last <= SILENT_MS);
    socket.close();
  }, Math.max(0, endsAt - Date.now()));
}
