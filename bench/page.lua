-- What wrk says of a turn of plain GETs, as one line of JSON. With paths behind the address (`wrk … URL -- /a /b`) each
-- of its threads asks for them in turn; otherwise only for the address.

function init(paths)
  if #paths == 0 then return end
  local requests, last = {}, 0
  for number, path in ipairs(paths) do requests[number] = wrk.format(nil, path) end
  function request()
    last = last % #requests + 1
    return requests[last]
  end
end

done = function(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    'RESULT {"requests":%d,"not_2xx":%d,"broken":%d,"seconds":%.6f,"p50_ms":%.3f,"p99_ms":%.3f}\n',
    summary.requests, errors.status, errors.connect + errors.read + errors.write + errors.timeout,
    summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
