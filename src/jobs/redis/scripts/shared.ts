/**
 * What changes the books in Redis: Lua scripts, each one atomic and harmless when it runs twice, since a reply can be lost.
 *
 * Every key begins with the same `{prefix}:`, KEYS[1], so that they share a slot of a cluster. `layout` is the LAYOUT of all
 * of them. Of a job ID there are
 * - `job:ID`, a hash: its state, options, counts and times
 * - `job:ID:items:B` and `job:ID:log:B`, lists in blocks of 1024: the items as they were sent, and the outcomes as they were recorded
 * - `job:ID:places`, four bytes for each item: twice the number of its outcome, and one more if it has failed
 * - `job:ID:todo` and `job:ID:failed`, lists: items that nobody has in hand, and those that can be retried
 * - `job:ID:pictures` and `job:ID:same`, hashes: the first item with a picture; a chain from it through those that have it too
 * - `job:ID:hands` and `job:ID:crashes`, hashes: what is in hand under which ticket; how often an item was, without an end
 * - `job:ID:tickets`, a hash: the next ticket of each lane (see tickets.ts)
 * - `job:ID:answers`, a hash: answers that other jobs may not have
 */

/** Of these keys and what they hold; another version of Kaiyan with another one must not touch them. */
export const LAYOUT = 1;

/** A sender that says nothing for so long is gone. */
export const SENDER_GONE_MS = 60_000;

/** The channel on which the ids of jobs are told of which something has changed. */
export const NOTICES = 'notices';

export const ANSWER_GRACE_MS = 3_600_000;

export const shared = `
local P = KEYS[1]
local call = redis.call
local BLOCK = 1024

local function number(value) return tonumber(value or 0) or 0 end -- 0 for nothing and for an empty text
local function text(value) return string.format('%.0f', value) end
local function now()
  local time = call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end
local function jobKey(id) return P .. 'job:' .. id end
local function isOpen(state) return state == 'pending' or state == 'in_progress' end
-- Of a job that was submitted.
local function stateOf(id)
  local state = call('HGET', jobKey(id), 'state')
  return state and state ~= 'receiving' and state or nil
end
local function view(id)
  local found = call('HMGET', jobKey(id), 'state', 'options', 'total', 'answered', 'failed', 'recorded', 'created',
    'started', 'ended', 'expires')
  table.insert(found, 1, id)
  return found
end

local function tell(id) call('PUBLISH', P .. '${NOTICES}', id) end

local function enter(id, from, to)
  local place = call('HGET', jobKey(id), 'number')
  if from then call('ZREM', P .. 'state:' .. from, id) end
  call('ZADD', P .. 'state:' .. to, place, id)
  call('HSET', jobKey(id), 'state', to)
end

-- It is kept as long as if it had been made now; its answers are prolonged by the caller.
local function outlive(id)
  local job = jobKey(id)
  local found = call('HMGET', job, 'expires', 'keeps', 'key')
  local expires = math.max(number(found[1]), now() + number(found[2]))
  call('HSET', job, 'expires', text(expires))
  call('ZADD', P .. 'expiry', text(expires), id)
  if found[3] then call('PEXPIREAT', P .. 'key:' .. found[3], text(expires)) end
end

local function finish(id, from, to)
  enter(id, from, to)
  call('HSET', jobKey(id), 'ended', text(now()))
  call('ZREM', P .. 'open', id)
  call('DEL', jobKey(id) .. ':tickets')
  if call('HEXISTS', jobKey(id), 'webhook') == 1 then
    call('HSET', jobKey(id), 'attempts', 0)
    call('ZADD', P .. 'webhooks', text(now()), id)
  end
end

-- Which numbers are those of outcomes that were retried: refused < number <= retried, of failed items.
local function retriedOf(id)
  local found = call('HMGET', jobKey(id), 'refused', 'retried')
  return { number(found[1]), number(found[2]) }
end
-- The number of an outcome and whether it is a failure; 0 for none that counts.
local function outcomeOf(place, retried)
  local sequence, failed = math.floor(place / 2), place % 2 == 1
  if failed and sequence > retried[1] and sequence <= retried[2] then return 0, false end
  return sequence, failed
end
local function placeOf(id, item)
  local bytes = call('GETRANGE', jobKey(id) .. ':places', item * 4, item * 4 + 3)
  if #bytes < 4 then return 0 end
  return (struct.unpack('>I4', bytes))
end
local function isRecorded(id, item) return outcomeOf(placeOf(id, item), retriedOf(id)) > 0 end

local function write(id, sequence, item, kind, rest)
  local block = math.floor((sequence - 1) / BLOCK)
  call('RPUSH', jobKey(id) .. ':log:' .. block, item .. ' ' .. kind .. ' ' .. rest)
  local place = sequence * 2 + (kind == 'f' and 1 or 0)
  call('SETRANGE', jobKey(id) .. ':places', item * 4, struct.pack('>I4', place))
end

local function lineOf(id, item)
  return call('LINDEX', jobKey(id) .. ':items:' .. math.floor(item / BLOCK), item % BLOCK)
end

-- The next ticket of every lane, as name and priority, if there is something to do; new ones where there is none.
local function ticketsOf(id)
  local job = jobKey(id)
  local waiting = call('LLEN', job .. ':todo')
  local found = {}
  local counts = call('HMGET', job, 'total', 'taken')
  local lanes = math.max(1, math.min(8, math.floor(number(counts[1]) / 256), waiting))
  if waiting == 0 then return found end
  for lane = 0, lanes - 1 do
    local ticket = call('HGET', job .. ':tickets', lane)
    if not ticket then
      ticket = call('HINCRBY', job, 'issued', 1) .. ' ' .. (number(counts[2]) + 1 + lane * 16)
      call('HSET', job .. ':tickets', lane, ticket)
    end
    found[#found + 1] = id .. ' ' .. lane .. ' ' .. ticket
  end
  return found
end

-- Takes these items, the keys of a table, out of the hands that they are in under this ticket, if it is held with this
-- lock; without a lock whoever holds it. The ones that were there.
local function letGo(id, items, ticket, lock)
  local hands = jobKey(id) .. ':hands'
  local held = ticket ~= '' and call('HGET', hands, ticket)
  if not held then return {} end
  local kept, gone = {}, {}
  for word in string.gmatch(held, '%S+') do
    if #kept > 0 and items[word] then gone[#gone + 1] = word else kept[#kept + 1] = word end
  end
  if lock and kept[1] ~= lock then return {} end
  if #kept == 1 then call('HDEL', hands, ticket) else call('HSET', hands, ticket, table.concat(kept, ' ')) end
  return gone
end

local function forgive(id, item)
  local crashes = jobKey(id) .. ':crashes'
  if call('HINCRBY', crashes, item, -1) <= 0 then call('HDEL', crashes, item) end
end

local function giveBack(id, items, ticket, lock)
  local gone = letGo(id, items, ticket, lock)
  for i = #gone, 1, -1 do
    forgive(id, gone[i])
    if not isRecorded(id, gone[i]) then call('LPUSH', jobKey(id) .. ':todo', gone[i]) end
  end
end

-- kind 'a' with the key of the answer, or 'f' with the error; both after the hash of the picture, or '-'.
local function record(id, item, kind, hash, rest, thumbnail)
  local job, state = jobKey(id), stateOf(id)
  if not isOpen(state) or isRecorded(id, item) then return end
  -- See replies.ts: an upload has a hash already, and so many bytes.
  local place, picture = string.match(lineOf(id, item), '^(%a)(%d*)')
  -- The chain leads from the last one back to the first.
  local same = {}
  local other = call('HGET', job .. ':same', item)
  while other and other ~= item do
    same[#same + 1] = other
    other = call('HGET', job .. ':same', other)
  end
  same[#same + 1] = item
  local counted = kind == 'a' and 'answered' or 'failed'
  local sequence = call('HINCRBY', job, 'recorded', #same) - #same
  rest = (place == 's' and '-' or hash) .. ' ' .. rest
  for i = #same, 1, -1 do write(id, sequence + #same - i + 1, same[i], kind, rest) end
  call('HINCRBY', job, counted, #same)
  call('DECRBY', P .. 'waiting', #same)
  call('HDEL', job .. ':crashes', item)
  if kind == 'a' then
    call('HINCRBY', job, 'bytes', thumbnail - number(picture))
    call('INCRBY', P .. 'bytes', thumbnail - number(picture))
  else
    call('RPUSH', job .. ':failed', item)
  end
  local counts = call('HMGET', job, 'total', 'answered', 'failed', 'told')
  if number(counts[2]) + number(counts[3]) == number(counts[1]) then
    finish(id, state, number(counts[2]) == 0 and 'failed' or 'completed')
    tell(id)
  elseif now() - number(counts[4]) >= 100 then
    -- Each notice goes to every process: not one for each picture.
    call('HSET', job, 'told', text(now()))
    tell(id)
  end
end

-- Answers that other jobs may not have begin with the id of theirs.
local function ownerOf(key)
  local id = string.sub(key, 1, 36)
  return string.sub(key, 37, 37) == ':' and string.match(id, '^[%x-]+$') and id or nil
end
local function answerUnder(key)
  local owner = ownerOf(key)
  if owner then return call('HGET', jobKey(owner) .. ':answers', key) end
  return call('GET', P .. 'answer:' .. key)
end
-- Kept a little longer than it is used, for a job that has expired and was not deleted yet.
local function keep(id, key, answer)
  if ownerOf(key) == id then return call('HSETNX', jobKey(id) .. ':answers', key, answer) end
  local kept, expires = P .. 'answer:' .. key, number(call('HGET', jobKey(id), 'expires')) + ${ANSWER_GRACE_MS}
  if call('SET', kept, answer, 'NX', 'PXAT', text(expires)) then return end
  call('PEXPIREAT', kept, text(expires), 'GT')
end

-- item, letter of its state, number of its outcome, line, and of an outcome its hash and what it is
local function row(id, item, letter, sequence, line, entry)
  local hash, rest = '-', ''
  if entry then hash, rest = string.match(entry, '^%d+ %a (%S+) (.*)$') end
  if letter == 'a' then rest = answerUnder(rest) or '' end
  return { item, letter, sequence, line, hash, rest }
end
`;
