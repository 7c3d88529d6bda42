-- beat: note that the store takes orders now, and return the times in which it took none.
--
-- KEYS  1 beats (hash): last beat (ms), doubted_ms, silences 'began ended;…' of which the newest ten are kept
-- ARGV  1 what the caller says of the time since ARGV 2: 'away' (the store took no orders), 'present' (it did, or its
--       clock made a step) or '' (not known)
--       2 the last beat as the caller read it (ms), or ''  3 the end of that time (ms), or ''
--       4 now in ms, or '' for the store's own clock
-- Returns {now, last beat, '1' if the time since then is in doubt, silences}.
-- Never writes more than twice a second. A time without beats of more than three seconds stays in doubt until somebody
-- says what it was, at most five seconds long: then it was none, for whoever missed the store asks each second.

local AWAY, DOUBT_MAX, OFTEN = 3000, 5000, 500
local BEATS = KEYS[1]
local verdict = ARGV[1]

local beats = redis.call('HMGET', BEATS, 'last_ms', 'doubted_ms', 'silences')
local last, doubted, silences = tonumber(beats[1]), tonumber(beats[2]), beats[3] or ''
local now = tonumber(ARGV[4])
if not now then
  local time = redis.call('TIME')
  now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end
local whole = function(number) return string.format('%.0f', number) end

if last and now >= last and now - last < OFTEN then return {whole(now), whole(last), '0', silences} end
if last and now - last > AWAY then
  local is_answered = verdict ~= '' and tonumber(ARGV[2]) == last
  local is_over = doubted and (now < doubted or now - doubted > DOUBT_MAX)
  if is_answered and verdict == 'away' then
    local kept = {}
    for silence in string.gmatch(silences, '[^;]+') do kept[#kept + 1] = silence end
    kept[#kept + 1] = whole(last) .. ' ' .. ARGV[3]
    silences = table.concat(kept, ';', math.max(1, #kept - 9))
    redis.call('HSET', BEATS, 'silences', silences)
  elseif not is_answered and not is_over then
    if not doubted then redis.call('HSET', BEATS, 'doubted_ms', whole(now)) end
    return {whole(now), whole(last), '1', silences}
  end
end
redis.call('HDEL', BEATS, 'doubted_ms')
redis.call('HSET', BEATS, 'last_ms', whole(now))
return {whole(now), whole(now), '0', silences}
