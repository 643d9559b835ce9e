/**
 * What the engine does in one step, in Lua. The names of keys come first, then the arguments. Every script may run twice:
 * a connection that ends leaves open whether it did.
 */

/** The group of workers. */
export const GROUP = "w";

/** Ms after which what nobody touches is gone. */
const WEEK = 7 * 24 * 3_600_000;

/** One refused entry refuses all: retried one by one, full memory would leave gaps (all names must rise). */
export const SUBMIT = `redis.pcall('XGROUP', 'CREATE', KEYS[1], '${GROUP}', '0', 'MKSTREAM')
for i = 1, #ARGV, 4 do
  local r = redis.pcall('XADD', KEYS[1], ARGV[i], 'head', ARGV[i+1], 'given', ARGV[i+2], 'text', ARGV[i+3])
  if r.err and not string.find(r.err, 'equal or smaller', 1, true) then return r end
end
redis.call('PEXPIRE', KEYS[1], ${WEEK})
return 1`;

/** Allowed where memory is full: it is what empties it. An answer counts even where the engine forgot the request. */
export const REPLY = `#!lua flags=allow-oom
local done = {}
for i = 1, #ARGV, 3 do
  redis.call('XADD', KEYS[2], '*', 'head', ARGV[i+1], 'line', ARGV[i+2])
  if ARGV[i] ~= '' then done[#done+1] = ARGV[i] end
end
redis.call('PEXPIRE', KEYS[2], ${WEEK})
if done[1] then
  redis.call('XACK', KEYS[1], '${GROUP}', unpack(done))
  redis.call('XDEL', KEYS[1], unpack(done))
end
return 1`;

export const RETAKE = `#!lua flags=allow-oom
local p = redis.call('XPENDING', KEYS[1], '${GROUP}', 'IDLE', ARGV[3], ARGV[1], ARGV[1], 1)
if not p[1] then return 0 end
local e = redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[1])
if e[1] then
  local fields = e[1][2]
  for i = 1, #fields, 2 do
    if fields[i] == 'given' then fields[i+1] = tostring(tonumber(fields[i+1]) + 1) end
  end
  redis.call('XADD', KEYS[1], ARGV[2], unpack(fields))
end
redis.call('XACK', KEYS[1], '${GROUP}', ARGV[1])
redis.call('XDEL', KEYS[1], ARGV[1])
return 1`;

/** Only what is still this worker's: what was taken over stays with the other one. */
export const RENEW = `#!lua flags=allow-oom
for i = 2, #ARGV do
  local p = redis.call('XPENDING', KEYS[1], '${GROUP}', ARGV[i], ARGV[i], 1)
  if p[1] and p[1][2] == ARGV[1] then redis.call('XCLAIM', KEYS[1], '${GROUP}', ARGV[1], 0, ARGV[i], 'JUSTID') end
end
return 1`;

/**
 * A board of notices by name, each with the engine's own time. Name "" only reads; an empty notice takes one off. What is
 * older than the last argument goes. Returns whether the name stood there, and name, age and notice of all.
 */
export const BOARD = `#!lua flags=allow-oom
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local known = 0
if ARGV[1] ~= '' then
  if ARGV[2] == '' then known = redis.call('HDEL', KEYS[1], ARGV[1])
  else known = 1 - redis.call('HSET', KEYS[1], ARGV[1], now .. ' ' .. ARGV[2]) end
end
local all = redis.call('HGETALL', KEYS[1])
local found = {tostring(known)}
for i = 1, #all, 2 do
  local at, notice = string.match(all[i+1], '^(%d+) (.*)$')
  local age = now - tonumber(at)
  if age > tonumber(ARGV[3]) then redis.call('HDEL', KEYS[1], all[i])
  else
    found[#found+1] = all[i]
    found[#found+1] = tostring(age)
    found[#found+1] = notice
  end
end
return found`;

/** Answers with the ms for which another one has it; 0: it is ours. */
export const OWN = `#!lua flags=allow-oom
local owner = redis.call('GET', KEYS[1])
if owner and owner ~= ARGV[1] then return math.max(1, redis.call('PTTL', KEYS[1])) end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 0`;

const NOW = `local t = redis.call('TIME')
local now = t[1] * 1000 + t[2] / 1000`;

/**
 * Arguments: tokens; rate a ms and size of the buckets of requests and of tokens, size 0 where there is none: what
 * nothing limits leaves no debt to the next batch that limits it.
 */
export const TAKE = `#!lua flags=allow-oom
${NOW}
local h = redis.call('HMGET', KEYS[1], 'requests', 'tokens', 'at', 'pause')
local ms = math.max(0, now - tonumber(h[3] or now))
local rrate, rsize, trate, tsize = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local requests = math.min(rsize, tonumber(h[1] or rsize) + ms * rrate)
local tokens = math.min(tsize, tonumber(h[2] or tsize) + ms * trate)
local wait = tonumber(h[4] or 0) - now
if rsize > 0 then wait = math.max(wait, (1 - requests) / rrate) end
if tsize > 0 then wait = math.max(wait, (math.min(tonumber(ARGV[1]), tsize) - tokens) / trate) end
if wait <= 0.000001 then
  wait = 0
  requests = requests - 1
  tokens = tokens - tonumber(ARGV[1])
end
redis.call('HSET', KEYS[1], 'at', string.format('%.3f', now))
if rsize > 0 then redis.call('HSET', KEYS[1], 'requests', string.format('%.6f', requests)) end
if tsize > 0 then redis.call('HSET', KEYS[1], 'tokens', string.format('%.6f', tokens)) end
redis.call('PEXPIRE', KEYS[1], 7200000)
return string.format('%.3f', wait)`;

/** Gives back tokens that were not needed, or takes those that were not foreseen. */
export const SETTLE = `#!lua flags=allow-oom
return redis.call('HINCRBYFLOAT', KEYS[1], 'tokens', ARGV[1])`;

export const PAUSE = `#!lua flags=allow-oom
${NOW}
local until_ = math.max(tonumber(redis.call('HGET', KEYS[1], 'pause') or 0), now + tonumber(ARGV[1]))
redis.call('HSET', KEYS[1], 'pause', string.format('%.3f', until_))
redis.call('PEXPIRE', KEYS[1], 7200000)
return 1`;

/** Additive increase, multiplicative decrease once a latency: one limit for all. Arguments: successes, overloaded, latency, places. */
export const ADAPT = `#!lua flags=allow-oom
${NOW}
local h = redis.call('HMGET', KEYS[1], 'limit', 'cut', 'pause')
local places = tonumber(ARGV[4])
local limit = math.min(places, tonumber(h[1] or places))
if ARGV[2] == '1' then
  if now - tonumber(h[2] or 0) >= tonumber(ARGV[3]) then
    limit = math.max(1, limit * 0.8)
    redis.call('HSET', KEYS[1], 'cut', string.format('%.3f', now))
  end
else
  limit = math.min(places, limit + tonumber(ARGV[1]) / limit)
end
if limit < places or h[1] then
  redis.call('HSET', KEYS[1], 'limit', string.format('%.6f', limit))
  redis.call('PEXPIRE', KEYS[1], 7200000)
end
return {string.format('%.6f', limit), string.format('%.3f', math.max(0, tonumber(h[3] or 0) - now))}`;
