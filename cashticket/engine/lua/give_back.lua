-- give_back: move the end by a time in which the store took no orders and nobody paused the auction (rule 19).
--
-- KEYS  1 terms (hash)  2 state (hash)  3 news (channel)
-- ARGV  1 began (ms)  2 ended (ms)  3 identity of the store process that answers (text)
--       4 latest end that the concert allows (ms), or ''  5 end in force as the ledger has it (ms), or ''
-- Returns {'unknown_auction'}, or {moved '1' | '0'}.
-- Never gives the same time back twice: what an earlier call (given_ms), the last outage or the present pause covers is
-- left out, and so is a rest of at most three seconds. Never moves an end earlier, nor past closes_at + soft close cap + two hours.

local GIVEN_BACK_MAX, AWAY = 7200000, 3000
local TERMS, STATE, NEWS = KEYS[1], KEYS[2], KEYS[3]
local began, ended = tonumber(ARGV[1]), tonumber(ARGV[2])
local whole = function(number) return string.format('%.0f', number) end

local terms = redis.call('HMGET', TERMS, 'opens_at_ms', 'closes_at_ms', 'soft_close_cap_ms')
if not terms[1] then return {'unknown_auction'} end
local state = redis.call('HMGET', STATE, 'version', 'ends_at_ms', 'state', 'checked_on', 'stopped_ms',
  'stopped_end_ms', 'outage', 'given_ms')
local given, stopped = tonumber(state[8]) or 0, tonumber(state[5])
if state[3] ~= 'open' or ended <= given then return {'0'} end
-- Another process answers, and nobody noted since when no bids are taken: resuming counts that time.
if state[4] ~= ARGV[3] and not stopped then return {'0'} end

local number, from, to = string.match(state[7] or '', '^(%d+) (%d+) (%d+)')
local left = math.min(ended, stopped or ended)
began = math.max(began, given, tonumber(terms[1]))
if from and began < tonumber(from) then left = math.min(left, tonumber(from))
elseif from then began = math.max(began, tonumber(to)) end
redis.call('HSET', STATE, 'given_ms', whole(math.max(given, math.min(ended, stopped or ended))))

local ends_at = math.max(tonumber(state[2]), tonumber(ARGV[5]) or 0)
local end_at_stop = tonumber(state[6]) or ends_at
local latest = tonumber(terms[2]) + tonumber(terms[3]) + GIVEN_BACK_MAX
latest = math.min(latest, tonumber(ARGV[4]) or latest)
if left - began <= AWAY or end_at_stop <= began then return {'0'} end
local moved = math.max(ends_at, math.min(end_at_stop + left - began, latest))
if moved == ends_at then return {'0'} end

local version = whole(tonumber(state[1]) + 1)
if state[6] then redis.call('HSET', STATE, 'stopped_end_ms', whole(end_at_stop + left - began)) end
redis.call('HSET', STATE, 'version', version, 'ends_at_ms', whole(moved), 'outage', table.concat({
  whole((tonumber(number) or 0) + 1), whole(began), whole(left), whole(ends_at), whole(moved), 'away'}, ' '))
redis.call('PUBLISH', NEWS, 'state ' .. version .. ' open ' .. whole(moved))
return {'1'}
