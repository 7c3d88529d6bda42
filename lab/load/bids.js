// Scenarios of bids alone: people bid in one auction or in several, at a fixed arrival rate, whether or not answers come.
//
// PLAN names a JSON file: target (address), auctions, rate (bids a second), seconds, clients (how many may wait at once),
// minimum and step (won), spread (steps between the lowest and the highest first bid; 0: each bid is above all before
// it), stride, guests (file with [cookie, token] pairs), summary (file for k6's own summary).
// Each answer is one line on the console: sent and answered (ms since 1970, by the script's clock), row, status, waited
// (ms, by k6: from the need of a connection to the end of the answer), body.
import { SharedArray } from 'k6/data';
import exec from 'k6/execution';
import http from 'k6/http';

const plan = JSON.parse(open(__ENV.PLAN));
const guests = new SharedArray('guests', () => JSON.parse(open(plan.guests)));
const addresses = plan.auctions.map((auction) => `${plan.target}/auctions/${auction}/bids`);

// As `Bidding.amount` says it in Python.
function amountOf(row) {
  if (!plan.spread) return plan.minimum + plan.step * row;
  const round = Math.floor(row / guests.length);
  return plan.minimum + plan.step * (round * plan.spread + ((row * plan.stride) % plan.spread));
}

export const options = {
  scenarios: {
    bids: {
      executor: 'constant-arrival-rate',
      rate: plan.rate,
      timeUnit: '1s',
      duration: `${plan.seconds}s`,
      preAllocatedVUs: plan.clients,
      maxVUs: plan.clients,
      // Longer than an answer may take, on a busy machine too: what is cut off here was sent and is not written down.
      gracefulStop: '15s',
    },
  },
  systemTags: [],
  summaryTrendStats: ['count', 'avg', 'med', 'p(95)', 'p(99)', 'max'],
  userAgent: 'k6',
};

export default function () {
  const row = exec.scenario.iterationInTest;
  const place = row % guests.length;
  const guest = guests[place];
  const address = addresses[place % addresses.length];
  const headers = { Cookie: guest[0], 'X-CSRFToken': guest[1], Accept: 'application/json' };
  const sent = Date.now();
  const amount = String(amountOf(row));
  const form = { amount, sure: amount, request_id: `row-${row}` };
  const answer = http.post(address, form, { headers, timeout: '5s' });
  const answered = Date.now();
  const times = answer.timings;
  // Connecting counts: the bidder waits for it too.
  const waited = times.blocked + times.connecting + times.duration;
  const body = String(answer.body || answer.error || '').slice(0, 400).replace(/\s+/g, ' ');
  console.log(`${sent}\t${answered}\t${row}\t${answer.status}\t${waited.toFixed(3)}\t${body}`);
}

export function handleSummary(data) {
  return { [plan.summary]: JSON.stringify(data) };
}
