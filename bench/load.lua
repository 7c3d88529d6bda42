-- Sends prepared requests, each once, each by its own person. Every thread owns one file: HEADER lines shared by
-- all requests, then one line a request: path, cookie, token, amount, request id (tab separated).
-- When a thread has sent them all it goes on with the last one, which the application then answers as a replay;
-- the measurement notices, because it counts accepted bids in the engine and not answers.

local threads = 0

function setup(thread)
  threads = threads + 1
  thread:set("number", threads)
end

function init(args)
  requests, at = {}, 0
  for line in io.lines(args[1] .. "." .. number) do
    local path, cookie, token, amount, id = line:match("([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)")
    local body = "amount=" .. amount .. "&sure=" .. amount .. "&request_id=" .. id
    requests[#requests + 1] = wrk.format("POST", path, {
      ["Cookie"] = cookie,
      ["X-CSRFToken"] = token,
      ["Content-Type"] = "application/x-www-form-urlencoded",
      ["Accept"] = "application/json",
      ["Host"] = wrk.host .. ":" .. wrk.port,
    }, body)
  end
end

function request()
  if at < #requests then at = at + 1 end
  return requests[at]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    'RESULT {"requests":%d,"seconds":%.6f,"not_2xx":%d,"broken":%d,"p50_ms":%.3f,"p99_ms":%.3f}\n',
    summary.requests, summary.duration / 1e6, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
