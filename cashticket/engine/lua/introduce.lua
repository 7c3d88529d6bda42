-- introduce: tell an auction of a person's right to bid and session epoch.
--
-- KEYS  1 terms (hash)  2 people (hash)
-- ARGV  1 person (id)  2 permission (ok | unverified | blocked)  3 session epoch  4 revision (integers)
-- Returns {'unknown_auction'}, {'written'} or {'older'}.
-- Never replaces what was written from a newer revision of the person.

local TERMS, PEOPLE = KEYS[1], KEYS[2]
local person, permission, epoch, revision = ARGV[1], ARGV[2], ARGV[3], ARGV[4]

if redis.call('EXISTS', TERMS) == 0 then return {'unknown_auction'} end
local known = redis.call('HGET', PEOPLE, person)
if known and tonumber(string.match(known, ':(%d+)$')) > tonumber(revision) then return {'older'} end
redis.call('HSET', PEOPLE, person, permission .. ':' .. epoch .. ':' .. revision)
return {'written'}
