// What the scripts of visits have in common: lines on the console, and one request with its answer.
//
// Each answer is one line: sent and answered (ms since 1970, by the script's clock), kind:number, status, waited (ms, by
// k6: from the need of a connection to the end of the answer), body. lab/load/raw.py says what the kinds are.
import http from 'k6/http';

const WRONG_PAGE = 999;
const BODY_LENGTH_MAX = 400;

export const trendStats = ['count', 'avg', 'med', 'p(95)', 'p(99)', 'max'];

export function write(sent, answered, kind, number, status, waited, body = '') {
  console.log(`${sent}\t${answered}\t${kind}:${number}\t${status}\t${waited.toFixed(3)}\t${body}`);
}

// Connecting counts: people wait for it too.
export const waitedFor = (answer) => answer.timings.blocked + answer.timings.connecting + answer.timings.duration;

// The beginning of an answer's body, or why there is none, on one line.
export const beginning = (answer) =>
  String(answer.body || answer.error || '').slice(0, BODY_LENGTH_MAX).replace(/\s+/g, ' ');

// Sends one request, writes its answer, and returns it, or null when it was another than the one that was due. `mark` is
// what the page must contain, unless it may be and is `unchanged`. `kindOf` may give the answer another kind.
export function step(kind, number, method, address, options = {}) {
  const { form = null, headers = {}, mark = '', status = 200, body = null, kindOf = null, unchanged = false } = options;
  const sent = Date.now();
  const answer = http.request(method, address, form, { headers, timeout: '5s', redirects: 0 });
  const answered = Date.now();
  const isSame = unchanged && answer.status === 304;
  const isUnmarked = answer.status === status && mark && !String(answer.body).includes(mark);
  const isOther = isUnmarked || (!isSame && answer.status === 304);
  const written = kindOf ? kindOf(answer) : kind;
  write(sent, answered, written, number, isOther ? WRONG_PAGE : answer.status, waitedFor(answer), body ? body(answer) : '');
  return isSame || (!isOther && answer.status === status) ? answer : null;
}

// The value of a hidden field of a form.
export const field = (page, name) => (new RegExp(`name="${name}" value="([^"]*)"`).exec(page) || [])[1];
