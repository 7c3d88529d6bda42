// The opening: people come faster and faster, then at a fixed rate, look at the auction, sign in with their password, and
// bid once by the forms, while others, who signed in before, look and bid.
//
// PLAN names a JSON file: target (address), auction (id), arrivals (people a second), rise (seconds until so many come),
// seconds, clients (how many people may be on their way at once), looks and bids (a second, of those who signed in
// before), look_clients and bid_clients, tries (sign-ins before somebody gives up), first_row (of the bids of those who
// come), minimum and step (won), password, guests (file with {coming: e-mail addresses, inside: [cookie, token] pairs}),
// summary (file for k6's own summary).
//
// Kinds: `look` is what people see before they sign in, `queue.sign-in` the password check, `turned-away.sign-in` one that
// was refused with the seconds to wait, `inside` what people do once they are signed in, `crowd` what those do who signed
// in before. `signed-in.whole` is the time from the first try to being signed in, `gave-up.whole` that of somebody who gave up.
import exec from 'k6/execution';
import { SharedArray } from 'k6/data';
import { sleep } from 'k6';
import { beginning, field, step, trendStats, write } from './steps.js';

const plan = JSON.parse(open(__ENV.PLAN));
const people = new SharedArray('people', () => [JSON.parse(open(plan.guests))]);
const auction = `${plan.target}/auctions/${plan.auction}`;
const PIECE = { 'HX-Request': 'true' };
const SPREAD_SECONDS = 1;

function steady(exec_, rate, clients) {
  return {
    executor: 'constant-arrival-rate',
    exec: exec_,
    rate,
    timeUnit: '1s',
    duration: `${plan.seconds}s`,
    preAllocatedVUs: clients,
    maxVUs: clients,
    gracefulStop: '30s',
  };
}

export const options = {
  scenarios: {
    arrivals: {
      executor: 'ramping-arrival-rate',
      exec: 'arrive',
      startRate: 0,
      timeUnit: '1s',
      stages: [
        { target: plan.arrivals, duration: `${plan.rise}s` },
        { target: plan.arrivals, duration: `${plan.seconds - plan.rise}s` },
      ],
      preAllocatedVUs: plan.clients,
      maxVUs: plan.clients,
      gracefulStop: '30s',
    },
    looks: steady('look', plan.looks, plan.look_clients),
    bids: steady('bid', plan.bids, plan.bid_clients),
  },
  systemTags: [],
  summaryTrendStats: trendStats,
  userAgent: 'k6',
};

export function look() {
  const number = exec.scenario.iterationInTest;
  const { inside } = people[0];
  step('crowd.page', number, 'GET', auction, { headers: { Cookie: inside[number % inside.length][0] }, mark: 'id="board"' });
}

// A bid as somebody sends it who is sure of the amount.
const formOf = (amount, request) => ({ amount: String(amount), sure: String(amount), request_id: request });

export function bid() {
  const row = exec.scenario.iterationInTest;
  const { inside } = people[0];
  const [cookie, token] = inside[row % inside.length];
  step('crowd.bid', row, 'POST', `${auction}/bids`, {
    form: formOf(plan.minimum + plan.step * row, `row-${row}`),
    headers: { Cookie: cookie, 'X-CSRFToken': token, Accept: 'application/json' },
    status: 201,
    body: beginning,
  });
}

export function arrive() {
  const number = exec.scenario.iterationInTest;
  if (!step('look.page', number, 'GET', auction, { mark: 'id="board"' })) return;
  if (!signIn(number)) return;
  if (!step('inside.page', number, 'GET', auction, { mark: 'id="board"' })) return;
  if (!step('inside.standing', number, 'GET', `${auction}/standing`, { headers: PIECE, mark: 'id="standing"' })) return;
  const amount = plan.minimum + plan.step * (plan.first_row + number);
  const asked = { headers: PIECE, mark: 'name="request_id"' };
  const review = step('inside.review', number, 'GET', `${auction}/confirm?amount=${amount}`, asked);
  if (!review) return;
  const request = field(review.body, 'request_id');
  step('inside.bid', number, 'POST', `${auction}/bids`, {
    form: { csrf_token: field(review.body, 'csrf_token'), ...formOf(field(review.body, 'amount'), request) },
    headers: { Accept: 'application/json', Origin: plan.target },
    status: 201,
    body: (answer) => `${request} ${beginning(answer)}`,
  });
}

// Signs in by the form, and tries again as often and as late as the site asks. Whether it succeeded.
function signIn(number) {
  const form = step('look.form', number, 'GET', `${plan.target}/login?next=/auctions/${plan.auction}`, {
    mark: 'name="csrf_token"',
  });
  if (!form) return false;
  const typed = { email: people[0].coming[number], password: plan.password };
  const hidden = { csrf_token: field(form.body, 'csrf_token'), next: field(form.body, 'next') };
  const began = Date.now();
  for (let tries = 1; tries <= plan.tries; tries += 1) {
    let patience = 0;
    const kindOf = (answer) => {
      patience = secondsToWait(answer);
      return patience ? 'turned-away.sign-in' : 'queue.sign-in';
    };
    const options = { form: { ...hidden, ...typed }, headers: { Origin: plan.target }, status: 303, kindOf };
    if (step('queue.sign-in', number, 'POST', `${plan.target}/login`, options)) {
      write(began, Date.now(), 'signed-in.whole', number, 303, Date.now() - began);
      return true;
    }
    if (!patience) return false;
    // Nobody clicks to the millisecond.
    if (tries < plan.tries) sleep(patience + Math.random() * SPREAD_SECONDS);
  }
  write(began, Date.now(), 'gave-up.whole', number, 503, Date.now() - began);
  return false;
}

// How many seconds a polite refusal asks to wait; 0 for every other answer.
function secondsToWait(answer) {
  return [429, 503].includes(answer.status) ? Number(answer.headers['Retry-After']) || 0 : 0;
}

export function handleSummary(data) {
  return { [plan.summary]: JSON.stringify(data) };
}
