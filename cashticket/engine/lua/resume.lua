-- resume: take bids again, and give back the time in which none were taken (rule 19).
--
-- KEYS  1 terms (hash)  2 state (hash)  3 news (channel)
-- ARGV  1 the reason that must be in force now  2 identity of the store process that answers (text)
--       3 identity of the process on which the auction was found sound (text)
--       4 last moment at which the store is known to have taken orders (ms), or ''
--       5 latest end that the concert allows (ms), or ''  6 end in force as the ledger has it (ms), or ''
--       7 now in ms, or '' for the store's own clock
-- Returns {'unknown_auction'}, or {changed '1' | '0'}.
-- On another process than before the version passes all that were shown.
-- Never ends a pause for another reason, never moves an end earlier, nor past closes_at + soft close cap + two hours.
-- State keeps the last outage: 'number began ended ends_before ends_after reason', moments in ms.

local GIVEN_BACK_MAX, OTHER_VERSIONS_MAX, PUBLISHED_AHEAD_MAX = 7200000, 1000, 31622400000
local TERMS, STATE, NEWS = KEYS[1], KEYS[2], KEYS[3]
local whole = function(number) return string.format('%.0f', number) end

local terms = redis.call('HMGET', TERMS, 'opens_at_ms', 'closes_at_ms', 'soft_close_cap_ms')
if not terms[1] then return {'unknown_auction'} end
local state = redis.call('HMGET', STATE, 'version', 'ends_at_ms', 'state', 'paused', 'checked_on', 'last_ms',
  'stopped_ms', 'stopped_end_ms', 'outage', 'given_ms', 'sequence')
local is_open = state[3] == 'open'
local paused = state[4] or (is_open and state[5] ~= ARGV[2] and 'restarted') or ''
if paused == '' or paused ~= ARGV[1] then return {'0'} end
local now, last = tonumber(ARGV[7]), tonumber(state[6])
if not now then
  local time = redis.call('TIME')
  now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end
now = math.max(now, last)

-- The pause may have begun later than the outage: a store that was away notices it when it is back. After a step of its
-- clock the moment of the pause is one of another clock, so the caller's counts alone.
local known, stopped = tonumber(ARGV[4]), tonumber(state[7])
local began = math.min(now, known and math.max(known, last) or now)
if stopped and not (known and paused == 'clock') then began = math.min(began, stopped) end
began = math.max(began, tonumber(terms[1]), tonumber(state[10]) or 0)
-- A store that went on from an older copy of itself may have forgotten that the end had moved.
local ends_at = math.max(tonumber(state[2]), tonumber(ARGV[6]) or 0)
local end_at_stop = tonumber(state[8]) or ends_at
local latest = tonumber(terms[2]) + tonumber(terms[3]) + GIVEN_BACK_MAX
latest = math.min(latest, tonumber(ARGV[5]) or latest)
local fair = end_at_stop
if end_at_stop > began then fair = end_at_stop + math.max(0, now - began) end
local moved = math.max(ends_at, math.min(fair, latest))

local version = tonumber(state[1]) + 1
-- What the store has forgotten may have been shown under higher versions (version_after_loss of the law).
if state[5] ~= ARGV[3] then
  local passed = math.max(0, now - tonumber(terms[1]) + PUBLISHED_AHEAD_MAX)
  version = math.max(version, passed + 2 * tonumber(state[11]) + OTHER_VERSIONS_MAX)
end
version = whole(version)
redis.call('HDEL', STATE, 'paused', 'stopped_ms', 'stopped_end_ms')
redis.call('HSET', STATE, 'checked_on', ARGV[3], 'version', version)
if is_open then redis.call('HSET', STATE, 'ends_at_ms', whole(moved)) end
if is_open and moved > ends_at then
  local number = whole(tonumber(string.match(state[9] or '0', '^%d+')) + 1)
  redis.call('HSET', STATE, 'outage', table.concat({number, whole(began), whole(now), whole(ends_at), whole(moved),
    paused}, ' '))
end
redis.call('PUBLISH', NEWS, 'state ' .. version .. ' ' .. state[3] .. ' ' .. (is_open and whole(moved) or state[2]))
return {'1'}
