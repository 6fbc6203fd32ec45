/**
 * What a Redis does at once. KEYS: the index (a sorted set of keys by when they end), their sizes (a hash), the sum of
 * the sizes. `base` is what the key of an answer begins with.
 */
const COMMON = `
local index, sizes, total = KEYS[1], KEYS[2], KEYS[3]
local function forget(base, key)
  local size = redis.call('HGET', sizes, key)
  redis.call('ZREM', index, key)
  redis.call('HDEL', sizes, key)
  redis.call('DEL', base .. key)
  if size then redis.call('DECRBY', total, size) end
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`;

/** ARGV: base, key, value, life in ms, most bytes, file ids … KEYS further: for each file its set, then its mark. */
export const SET = `${COMMON}
local base, key, value, life, most = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
for i = 5, #KEYS, 2 do
  if redis.call('EXISTS', KEYS[i]) == 1 then return 0 end
end
for _, old in ipairs(redis.call('ZRANGEBYSCORE', index, '-inf', now, 'LIMIT', 0, 200)) do forget(base, old) end
forget(base, key)
redis.call('SET', base .. key, value, 'PX', life)
redis.call('ZADD', index, now + life, key)
redis.call('HSET', sizes, key, #value)
redis.call('INCRBY', total, #value)
for i = 4, #KEYS, 2 do
  redis.call('SADD', KEYS[i], key)
  redis.call('PEXPIRE', KEYS[i], life)
end
for _ = 1, 1000 do
  if tonumber(redis.call('GET', total) or '0') <= most then break end
  local oldest = redis.call('ZRANGE', index, 0, 0)[1]
  if not oldest then
    redis.call('DEL', total)
    break
  end
  forget(base, oldest)
end
for i = 1, 3 do redis.call('PEXPIRE', KEYS[i], life * 2) end
return 1`;

/** ARGV: base, life of the mark in ms. KEYS further: the file's set, its mark. */
export const REMOVE_FILE = `${COMMON}
redis.call('SET', KEYS[5], '1', 'PX', ARGV[2])
for _, key in ipairs(redis.call('SMEMBERS', KEYS[4])) do forget(ARGV[1], key) end
redis.call('DEL', KEYS[4])
return 1`;

/** ARGV: base, how many at most. Returns how many were forgotten that had not ended. */
export const FLUSH = `${COMMON}
local living = 0
local keys = redis.call('ZRANGE', index, 0, ARGV[2] - 1, 'WITHSCORES')
for i = 1, #keys, 2 do
  if tonumber(keys[i + 1]) > now then living = living + 1 end
  forget(ARGV[1], keys[i])
end
return { #keys / 2, living }`;

/** Returns how many have not ended, and their bytes. */
export const FIGURES = `${COMMON}
for _, old in ipairs(redis.call('ZRANGEBYSCORE', index, '-inf', now, 'LIMIT', 0, 1000)) do forget(ARGV[1], old) end
return { redis.call('ZCARD', index), tonumber(redis.call('GET', total) or '0') }`;
