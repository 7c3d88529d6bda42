// The end of a large auction: bids in it until it ends, bids in another one all the while, and everybody reads the
// result from the end on.
//
// PLAN names a JSON file: target (address), auction (the large one) and other (ids), ends_at_ms (ms since 1970), late
// (seconds in which bids still come after the end), settling and reading (seconds after the end until the reading that
// counts begins, and how long it takes), rate (bids a second in each auction; 0: none), reads (a second), shares (of each kind of
// read), pages (of the result), clients (how many bids and reads may wait at once), minimum and step (won), levels,
// stride, guests (file with `large` and `other`: [cookie, token] pairs, and `readers`: cookies), summary (file).
// Each answer is one line on the console: sent and answered (ms since 1970, by the script's clock), kind:number, status,
// waited (ms, by k6: from the need of a connection to the end of the answer), body (of bids alone).
import { SharedArray } from 'k6/data';
import exec from 'k6/execution';
import http from 'k6/http';

const plan = JSON.parse(open(__ENV.PLAN));
const large = new SharedArray('large', () => JSON.parse(open(plan.guests)).large);
const other = new SharedArray('other', () => JSON.parse(open(plan.guests)).other);
const readers = new SharedArray('readers', () => JSON.parse(open(plan.guests)).readers);
const left = Math.max(0, (plan.ends_at_ms - Date.now()) / 1000);
const kinds = Object.keys(plan.shares);

function arrivals(exec_, rate, startTime, seconds, clients) {
  return {
    executor: 'constant-arrival-rate',
    exec: exec_,
    rate,
    timeUnit: '1s',
    startTime: `${Math.round(startTime * 1000)}ms`,
    duration: `${Math.round(seconds * 1000)}ms`,
    preAllocatedVUs: clients,
    maxVUs: clients,
    gracefulStop: '15s',
  };
}

function scenarios() {
  const chosen = {};
  if (plan.rate) {
    chosen.large = arrivals('bidLarge', plan.rate, 0, left + plan.late, plan.clients.bids);
    chosen.other = arrivals('bidOther', plan.rate, 0, left + plan.settling + plan.reading, plan.clients.bids);
  }
  chosen.reads = arrivals('read', plan.reads, left, plan.settling + plan.reading, plan.clients.reads);
  return chosen;
}

export const options = {
  scenarios: scenarios(),
  systemTags: [],
  summaryTrendStats: ['count', 'avg', 'med', 'p(95)', 'p(99)', 'max'],
  userAgent: 'k6',
};

function write(kind, row, sent, answer, body) {
  const times = answer.timings;
  const waited = times.blocked + times.connecting + times.duration;
  console.log(`${sent}\t${Date.now()}\t${kind}:${row}\t${answer.status}\t${waited.toFixed(3)}\t${body || ''}`);
}

function bid(name, auction, guests, amount, row) {
  const guest = guests[row % guests.length];
  const headers = { Cookie: guest[0], 'X-CSRFToken': guest[1], Accept: 'application/json' };
  const form = { amount: String(amount), sure: String(amount), request_id: `${name}-${row}` };
  const sent = Date.now();
  const answer = http.post(`${plan.target}/auctions/${auction}/bids`, form, { headers, timeout: '5s' });
  write(`${name}.bid`, row, sent, answer, String(answer.body || answer.error || '').slice(0, 400).replace(/\s+/g, ' '));
}

// As `amount_of` in lab/load/hammer.py says it.
export function bidLarge() {
  const row = exec.scenario.iterationInTest;
  const round = Math.floor(row / large.length);
  const level = round * plan.levels + ((row * plan.stride) % plan.levels);
  bid('large', plan.auction, large, plan.minimum + plan.step * level, row);
}

export function bidOther() {
  const row = exec.scenario.iterationInTest;
  bid('other', plan.other, other, plan.other_minimum + plan.other_step * row, row);
}

function kindOf(share) {
  let sum = 0;
  return kinds.find((kind) => (sum += plan.shares[kind]) > share) || kinds[kinds.length - 1];
}

export function read() {
  const row = exec.scenario.iterationInTest;
  const kind = kindOf(Math.random());
  const auction = `${plan.target}/auctions/${plan.auction}`;
  const isOwn = kind === 'outcome' || kind === 'standing';
  const page = kind === 'other_page' && plan.pages > 1 ? `?page=${2 + Math.floor(Math.random() * (plan.pages - 1))}` : '';
  const headers = isOwn ? { Cookie: readers[row % readers.length], 'HX-Request': 'true' } : { Accept: 'text/html' };
  const sent = Date.now();
  const address = isOwn ? `${auction}/${kind}` : `${auction}/results${page}`;
  write(`read.${kind}`, row, sent, http.get(address, { headers, timeout: '5s', redirects: 0 }));
}

export function handleSummary(data) {
  return { [plan.summary]: JSON.stringify(data) };
}
