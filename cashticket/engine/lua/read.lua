-- read: everything a board shows, at one version.
--
-- KEYS  1 terms (hash)  2 state (hash)  3 standings (sorted set)
-- ARGV  1 identity of the store process that answers (text)  2 now in ms, or '' for the store's own clock
-- Returns {'unknown_auction'}, or
--   {'read', {name, value, ... of its terms},
--    {sequence, recorded, version, ends_at, state, reason for a pause or '', last outage (resume) or '',
--     since when it is paused (ms) or '', end in force then if that was moved (ms) or '', last bid at (ms)},
--    now (ms), bidders,
--    {person, score, ... of the top, best first}, first rank of the edge, {person, score, ... of the edge},
--    {person, score} of place N or {}, {lowest amount, bids, ... of each bin}}.
-- Never writes. Rows and bins are those of cashticket/auction/boards.py.

local TOP_ROWS, EDGE_ROWS, BINS_MAX, HIGHEST_SHARE, SHIFT = 20, 5, 12, 50, 4194304
local TERMS, STATE, STANDINGS = KEYS[1], KEYS[2], KEYS[3]
local whole = function(number) return string.format('%.0f', number) end

local terms = redis.call('HGETALL', TERMS)
if not terms[1] then return {'unknown_auction'} end
local deciding = redis.call('HMGET', TERMS, 'seats', 'step')
local state = redis.call('HMGET', STATE, 'sequence', 'recorded', 'version', 'ends_at_ms', 'state', 'paused',
  'outage', 'stopped_ms', 'stopped_end_ms', 'last_ms', 'checked_on')
state[6] = state[6] or (state[11] ~= ARGV[1] and 'restarted') or ''
state[7], state[8], state[9], state[11] = state[7] or '', state[8] or '', state[9] or '', nil
local now = tonumber(ARGV[2])
if not now then
  local time = redis.call('TIME')
  now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end
now = math.max(now, tonumber(state[10]))
local seats, step, bidders = tonumber(deciding[1]), tonumber(deciding[2]), redis.call('ZCARD', STANDINGS)
local line = math.min(seats, bidders)
local edge_first = math.max(1, line - EDGE_ROWS + 1)
local edge = redis.call('ZREVRANGE', STANDINGS, whole(edge_first - 1), whole(line + EDGE_ROWS - 1), 'WITHSCORES')
local last_winner = redis.call('ZREVRANGE', STANDINGS, whole(seats - 1), whole(seats - 1), 'WITHSCORES')

local amount_at = function(place)
  local row = redis.call('ZREVRANGE', STANDINGS, whole(place), whole(place), 'WITHSCORES')
  return math.floor(tonumber(row[2]) / SHIFT)
end
local bins = {}
if bidders > 0 then
  local lowest, high = amount_at(bidders - 1), amount_at(math.floor(bidders / HIGHEST_SHARE))
  local width = step * math.max(1, math.ceil((math.floor((high - lowest) / step) + 1) / BINS_MAX))
  for from = lowest, high, width do
    local to = from + width > high and '+inf' or '(' .. whole((from + width) * SHIFT)
    table.insert(bins, whole(from))
    table.insert(bins, redis.call('ZCOUNT', STANDINGS, whole(from * SHIFT), to))
  end
end
local top = redis.call('ZREVRANGE', STANDINGS, '0', whole(math.min(seats, TOP_ROWS) - 1), 'WITHSCORES')
return {'read', terms, state, whole(now), bidders, top, edge_first, edge, last_winner, bins}
