/**
 * What changes the books in Redis: Lua scripts, each one atomic and harmless when it runs twice, since a reply can be lost.
 *
 * Every key begins with the same `{prefix}:`, KEYS[1], so that they share a slot of a cluster. Of a job ID there are
 * - `job:ID`, a hash: its state, options, counts and times
 * - `job:ID:items:B` and `job:ID:log:B`, lists in blocks of 1024: the items as they were sent, and the outcomes as they were recorded
 * - `job:ID:places`, four bytes for each item: twice the number of its outcome, and one more if it has failed
 * - `job:ID:todo` and `job:ID:failed`, lists: items that nobody has in hand, and those that can be retried
 * - `job:ID:pictures` and `job:ID:same`, hashes: the first item with a picture; a chain from it through those that have it too
 * - `job:ID:hands` and `job:ID:crashes`, hashes: what is in hand under which ticket; how often an item was, without an end
 * - `job:ID:tickets`, a hash: the next ticket of each lane (see tickets.ts)
 * - `job:ID:answers`, a hash: answers that other jobs may not have
 */

/** A sender that says nothing for so long is gone. */
const SENDER_GONE_MS = 60_000;

/** The channel on which the ids of jobs are told of which something has changed. */
export const NOTICES = 'notices';

const ANSWER_GRACE_MS = 3_600_000;

const shared = `
local P = KEYS[1]
local call = redis.call
local BLOCK = 1024

local function number(value) return tonumber(value or 0) or 0 end
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

-- Out of the hands that it is in under this ticket, and under this lock if one is given; whether it was there.
local function letGo(id, item, ticket, lock)
  local hands = jobKey(id) .. ':hands'
  local held = ticket ~= '' and call('HGET', hands, ticket)
  if not held then return false end
  local owner, rest = string.match(held, '^(%S+)(.*)$')
  if lock and owner ~= lock then return false end
  local kept, was = owner, false
  for other in string.gmatch(rest, '%d+') do
    if other == item then was = true else kept = kept .. ' ' .. other end
  end
  if kept == owner then call('HDEL', hands, ticket) else call('HSET', hands, ticket, kept) end
  return was
end

local function forgive(id, item)
  local crashes = jobKey(id) .. ':crashes'
  if call('HINCRBY', crashes, item, -1) <= 0 then call('HDEL', crashes, item) end
end

local function giveBack(id, item, ticket, lock)
  if not letGo(id, item, ticket, lock) then return end
  forgive(id, item)
  if not isRecorded(id, item) then call('LPUSH', jobKey(id) .. ':todo', item) end
end

-- kind 'a' with the key of the answer, or 'f' with the error; both after the hash of the picture, or '-'.
local function record(id, item, kind, hash, rest, thumbnail)
  local job, state = jobKey(id), stateOf(id)
  if not isOpen(state) or isRecorded(id, item) then return end
  local line = cjson.decode(lineOf(id, item))
  local picture = #line == 3 and number(line[3]) or 0
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
  rest = (#line == 3 and '-' or hash) .. ' ' .. rest
  for i = #same, 1, -1 do write(id, sequence + #same - i + 1, same[i], kind, rest) end
  call('HINCRBY', job, counted, #same)
  call('DECRBY', P .. 'waiting', #same)
  call('HDEL', job .. ':crashes', item)
  if kind == 'a' then
    call('HINCRBY', job, 'bytes', thumbnail - picture)
    call('INCRBY', P .. 'bytes', thumbnail - picture)
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

const bodies = {
  /** id, options, webhook, expires, key, fingerprint → [id, 'new' | 'existing' | 'used' | 'receiving'] */
  create: `
local id, options, webhook, expires, key, fingerprint = unpack(ARGV)
local job = jobKey(id)
if call('EXISTS', job) == 1 then return { id, 'new' } end
if key ~= '' then
  local known = call('HMGET', P .. 'key:' .. key, 'id', 'fingerprint')
  local state = known[1] and call('HGET', jobKey(known[1]), 'state')
  local gone = state == 'receiving' and number(call('ZSCORE', P .. 'receiving', known[1])) < now() - ${SENDER_GONE_MS}
  if state and not gone then
    if known[2] ~= fingerprint then return { known[1], 'used' } end
    return { known[1], state == 'receiving' and 'receiving' or 'existing' }
  end
  call('HSET', P .. 'key:' .. key, 'id', id, 'fingerprint', fingerprint)
  call('PEXPIREAT', P .. 'key:' .. key, expires)
end
local place = call('INCR', P .. 'number')
call('HSET', job, 'number', place, 'state', 'receiving', 'options', options, 'created', text(now()), 'expires', expires,
  'total', 0, 'answered', 0, 'failed', 0, 'recorded', 0, 'taken', 0, 'refused', 0, 'bytes', 0)
if webhook ~= '' then call('HSET', job, 'webhook', webhook) end
if key ~= '' then call('HSET', job, 'key', key) end
call('ZADD', P .. 'receiving', text(now()), id)
return { id, 'new' }`,

  /** id, a name for this request, then of each item: line, hash, bytes, error → whether there is the job */
  add: `
local id = ARGV[1]
local job = jobKey(id)
local found = call('HMGET', job, 'state', 'last', 'total', 'failed')
if found[1] ~= 'receiving' then return 0 end
if found[2] == ARGV[2] then return 1 end
local item, refused, held, todo = number(found[3]), number(found[4]), 0, {}
for i = 3, #ARGV, 4 do
  local line, hash, bytes, problem = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
  call('RPUSH', job .. ':items:' .. math.floor(item / BLOCK), line)
  local first = hash ~= '' and call('HGET', job .. ':pictures', hash)
  if problem ~= '' then
    refused = refused + 1
    write(id, refused, item, 'f', '- ' .. problem)
  elseif first then
    call('HSET', job .. ':same', item, call('HGET', job .. ':same', first) or first, first, item)
  else
    if hash ~= '' then
      call('HSET', job .. ':pictures', hash, item)
      held = held + number(bytes)
    end
    todo[#todo + 1] = item
  end
  item = item + 1
end
if #todo > 0 then call('RPUSH', job .. ':todo', unpack(todo)) end
call('HSET', job, 'last', ARGV[2], 'total', item, 'failed', refused, 'refused', refused, 'recorded', refused)
call('HINCRBY', job, 'bytes', held)
call('INCRBY', P .. 'bytes', held)
call('ZADD', P .. 'receiving', text(now()), id)
return 1`,

  /** id → job, tickets */
  submit: `
local id = ARGV[1]
local job = jobKey(id)
local state = call('HGET', job, 'state')
if not state then return false end
if state == 'receiving' then
  local found = call('HMGET', job, 'number', 'total', 'failed', 'expires')
  call('ZREM', P .. 'receiving', id)
  call('ZADD', P .. 'jobs', found[1], id)
  call('ZADD', P .. 'expiry', found[4], id)
  if found[2] == found[3] then
    finish(id, nil, 'failed')
  else
    enter(id, nil, 'pending')
    call('ZADD', P .. 'open', call('HGET', job, 'created'), id)
    call('INCRBY', P .. 'waiting', number(found[2]) - number(found[3]))
  end
  call('DEL', job .. ':pictures')
end
return { view(id), isOpen(stateOf(id)) and ticketsOf(id) or {} }`,

  /** id → job */
  get: `return stateOf(ARGV[1]) and view(ARGV[1])`,

  /** state, after, limit → jobs; false if there is none after which to go on */
  list: `
local before = '+inf'
if ARGV[2] ~= '' then
  if not stateOf(ARGV[2]) then return false end
  before = '(' .. call('HGET', jobKey(ARGV[2]), 'number')
end
local set = ARGV[1] == '' and P .. 'jobs' or P .. 'state:' .. ARGV[1]
local jobs = {}
for i, id in ipairs(call('ZREVRANGEBYSCORE', set, before, '-inf', 'LIMIT', 0, ARGV[3])) do jobs[i] = view(id) end
return jobs`,

  /** id, letters of the states, from, limit, how many to look at → where to go on (-1 for the end), rows */
  items: `
local id, letters, from, limit = ARGV[1], ARGV[2], number(ARGV[3]), number(ARGV[4])
local job, state = jobKey(id), stateOf(id)
if not state then return false end
local total, retried = number(call('HGET', job, 'total')), retriedOf(id)
local last = math.min(total, from + number(ARGV[5]))
local places = call('GETRANGE', job .. ':places', from * 4, last * 4 - 1)
local rows, item, lines, block = {}, from, nil, nil
while item < last and #rows < limit do
  local offset = (item - from) * 4
  local place = offset + 4 <= #places and struct.unpack('>I4', places, offset + 1) or 0
  local sequence, failed = outcomeOf(place, retried)
  local letter = sequence == 0 and (state == 'canceled' and 'c' or 'w') or failed and 'f' or 'a'
  if string.find(letters, letter, 1, true) then
    if block ~= math.floor(item / BLOCK) then
      block = math.floor(item / BLOCK)
      lines = call('LRANGE', job .. ':items:' .. block, 0, -1)
    end
    local entry = sequence > 0 and
      call('LINDEX', job .. ':log:' .. math.floor((sequence - 1) / BLOCK), (sequence - 1) % BLOCK)
    rows[#rows + 1] = row(id, item, letter, sequence, lines[item % BLOCK + 1], entry)
  end
  item = item + 1
end
return { item >= total and -1 or item, rows }`,

  /** id, after, limit, how many to look at → where to go on (-1 for the end), rows */
  outcomes: `
local id, sequence, limit = ARGV[1], number(ARGV[2]), number(ARGV[3])
local job = jobKey(id)
if not stateOf(id) then return false end
local total, retried = number(call('HGET', job, 'recorded')), retriedOf(id)
local last = math.min(total, sequence + number(ARGV[4]))
local rows, entries, block = {}, nil, nil
while sequence < last and #rows < limit do
  sequence = sequence + 1
  if block ~= math.floor((sequence - 1) / BLOCK) then
    block = math.floor((sequence - 1) / BLOCK)
    entries = call('LRANGE', job .. ':log:' .. block, 0, -1)
  end
  local entry = entries[(sequence - 1) % BLOCK + 1]
  local item, letter = string.match(entry, '^(%d+) (%a)')
  item = number(item)
  if outcomeOf(placeOf(id, item), retried) == sequence then
    rows[#rows + 1] = row(id, item, letter, sequence, lineOf(id, item), entry)
  end
end
return { sequence >= total and -1 or sequence, rows }`,

  /** id → job */
  cancel: `
local id = ARGV[1]
local job, state = jobKey(id), stateOf(id)
if not state then return false end
if isOpen(state) then
  local counts = call('HMGET', job, 'total', 'answered', 'failed')
  call('DECRBY', P .. 'waiting', number(counts[1]) - number(counts[2]) - number(counts[3]))
  finish(id, state, 'canceled')
  tell(id)
end
return view(id)`,

  /** id → job, tickets */
  retry: `
local id = ARGV[1]
local job, state = jobKey(id), stateOf(id)
if not state then return false end
local found = call('HMGET', job, 'total', 'answered', 'failed', 'refused', 'started', 'created', 'expires', 'recorded', 'key')
local total, answered, failed, refused = number(found[1]), number(found[2]), number(found[3]), number(found[4])
local again = failed - refused
local undone = state == 'canceled' and total - answered - failed or 0
if again + undone == 0 then return { view(id), isOpen(state) and ticketsOf(id) or {} } end
local list = job .. ':failed'
for from = 0, call('LLEN', list) - 1, 5000 do
  call('RPUSH', job .. ':todo', unpack(call('LRANGE', list, from, from + 4999)))
end
call('DEL', list)
local expires = math.max(number(found[7]), now() + number(found[7]) - number(found[6]))
call('HSET', job, 'failed', refused, 'retried', found[8], 'expires', text(expires))
call('ZADD', P .. 'expiry', text(expires), id)
if found[9] then call('PEXPIREAT', P .. 'key:' .. found[9], text(expires)) end
call('INCRBY', P .. 'waiting', again + undone)
if not isOpen(state) then
  enter(id, state, found[5] and 'in_progress' or 'pending')
  call('HDEL', job, 'ended')
  call('ZREM', P .. 'webhooks', id)
  call('ZADD', P .. 'open', found[6], id)
end
return { view(id), ticketsOf(id) }`,

  /** id → whether there was the job */
  delete: `
local id = ARGV[1]
local job = jobKey(id)
local found = call('HMGET', job, 'state', 'total', 'answered', 'failed', 'recorded', 'bytes', 'key')
local state = found[1]
if not state then return 0 end
call('DECRBY', P .. 'bytes', number(found[6]))
if isOpen(state) then
  call('DECRBY', P .. 'waiting', number(found[2]) - number(found[3]) - number(found[4]))
end
for _, set in ipairs({ 'jobs', 'state:' .. state, 'open', 'expiry', 'receiving', 'webhooks' }) do
  call('ZREM', P .. set, id)
end
if found[7] and call('HGET', P .. 'key:' .. found[7], 'id') == id then call('DEL', P .. 'key:' .. found[7]) end
for block = 0, math.floor(number(found[2]) / BLOCK) do call('UNLINK', job .. ':items:' .. block) end
for block = 0, math.floor(number(found[5]) / BLOCK) do call('UNLINK', job .. ':log:' .. block) end
for _, part in ipairs({ '', ':places', ':todo', ':failed', ':pictures', ':same', ':hands', ':crashes', ':tickets', ':answers' }) do
  call('UNLINK', job .. part)
end
tell(id)
return 1`,

  /** id, lane, ticket, lock, limit, in hand, crashes before alone, the error of a crash → options, whether alone, whether something has to wait until nothing is in hand, items as position and line, tickets */
  hand: `
local id, lane, ticket, lock = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local limit, inHand, bound, problem = number(ARGV[5]), number(ARGV[6]), number(ARGV[7]), ARGV[8]
local job, state = jobKey(id), stateOf(id)
if not state then return { '', 0, 0, {}, {} } end
local options, todo = call('HGET', job, 'options'), job .. ':todo'
local given, alone, blocked, tickets = {}, 0, 0, {}
local held = call('HGET', job .. ':hands', ticket)
if held then
  local owner, rest = string.match(held, '^(%S+)(.*)$')
  local items = {}
  for item in string.gmatch(rest, '%d+') do items[#items + 1] = item end
  if owner == lock then
    for i, item in ipairs(items) do given[i] = { number(item), lineOf(id, item) } end
    alone = number(call('HGET', job .. ':crashes', items[1])) > bound and 1 or 0
    return { options, alone, 0, given, ticketsOf(id) }
  end
  -- Who had it is gone, perhaps because of one of these.
  call('HDEL', job .. ':hands', ticket)
  for i = #items, 1, -1 do
    if not isRecorded(id, items[i]) then
      if isOpen(state) and number(call('HGET', job .. ':crashes', items[i])) > bound then
        record(id, items[i], 'f', '-', problem, 0)
      else
        call('LPUSH', todo, items[i])
      end
    end
  end
  state = stateOf(id)
end
local current = call('HGET', job .. ':tickets', lane)
local isNext = current and string.match(current, '^%d+') == ticket
if isNext and isOpen(state) then
  while #given < limit do
    local item = call('LPOP', todo)
    if not item then break end
    if not isRecorded(id, item) then
      if number(call('HGET', job .. ':crashes', item)) >= bound then
        if #given > 0 or inHand > 0 then
          call('LPUSH', todo, item)
          blocked = #given == 0 and 1 or 0
          break
        end
        alone, limit = 1, 1
      end
      given[#given + 1] = { number(item), lineOf(id, item) }
      lock = lock .. ' ' .. item
      call('HINCRBY', job .. ':crashes', item, 1)
    end
  end
  call('HDEL', job .. ':tickets', lane)
  if #given > 0 then
    call('HSET', job .. ':hands', ticket, lock)
    local taken = call('HINCRBY', job, 'taken', #given)
    if state == 'pending' then
      call('HSETNX', job, 'started', text(now()))
      enter(id, state, 'in_progress')
      tell(id)
    end
    if call('LLEN', todo) > 0 then
      local following = call('HINCRBY', job, 'issued', 1) .. ' ' .. (taken + 1)
      call('HSET', job .. ':tickets', lane, following)
      tickets = { id .. ' ' .. lane .. ' ' .. following }
    end
  else
    tickets = ticketsOf(id)
  end
end
if held and isOpen(state) then tickets = ticketsOf(id) end
return { options, alone, blocked, given, tickets }`,

  /** of each outcome: id, item, ticket, lock, kind, hash, key or error, answer, bytes of the thumbnail */
  record: `
for i = 1, #ARGV, 9 do
  local id, item, ticket, lock, kind, hash, rest, answer, thumbnail = unpack(ARGV, i, i + 8)
  local state = stateOf(id)
  if state == 'canceled' then
    giveBack(id, item, ticket, lock)
  elseif state then
    if kind == 'a' and isOpen(state) and not isRecorded(id, item) then keep(id, rest, answer) end
    record(id, item, kind, hash, rest, number(thumbnail))
    letGo(id, item, ticket)
  end
end
return 1`,

  /** of each item: id, item, ticket, lock → tickets */
  giveBack: `
local jobs, tickets = {}, {}
for i = #ARGV - 3, 1, -4 do
  giveBack(ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3])
  jobs[ARGV[i]] = true
end
for id in pairs(jobs) do
  if isOpen(stateOf(id)) then
    for _, ticket in ipairs(ticketsOf(id)) do tickets[#tickets + 1] = ticket end
  end
end
return tickets`,

  /** of each item: id, item. Who has it is alive, although others will be given it. */
  forgive: `
for i = 1, #ARGV, 2 do
  if stateOf(ARGV[i]) and not isRecorded(ARGV[i], ARGV[i + 1]) then forgive(ARGV[i], ARGV[i + 1]) end
end
return 1`,

  /** keys → answers, '' for none */
  answers: `
local found, latest = {}, now() + ${ANSWER_GRACE_MS}
for i, key in ipairs(ARGV) do
  local isOver = not ownerOf(key) and call('PEXPIRETIME', P .. 'answer:' .. key) <= latest
  found[i] = not isOver and answerUnder(key) or ''
end
return found`,

  /** for how long nobody else is given it → id, address, attempts */
  takeWebhook: `
local id = call('ZRANGEBYSCORE', P .. 'webhooks', '-inf', text(now()), 'LIMIT', 0, 1)[1]
if not id then return false end
call('ZADD', P .. 'webhooks', text(now() + number(ARGV[1])), id)
local found = call('HMGET', jobKey(id), 'webhook', 'attempts')
return { id, found[1], number(found[2]) }`,

  /** id, when next or '' */
  postponeWebhook: `
if not stateOf(ARGV[1]) then return 1 end
call('HINCRBY', jobKey(ARGV[1]), 'attempts', 1)
if ARGV[2] == '' then call('ZREM', P .. 'webhooks', ARGV[1]) else call('ZADD', P .. 'webhooks', ARGV[2], ARGV[1]) end
return 1`,

  /** limit → ids, also of jobs whose sender is gone */
  expired: `
local ids = call('ZRANGEBYSCORE', P .. 'expiry', '-inf', text(now()), 'LIMIT', 0, ARGV[1])
local left = number(ARGV[1]) - #ids
if left > 0 then
  local gone = text(now() - ${SENDER_GONE_MS})
  for _, id in ipairs(call('ZRANGEBYSCORE', P .. 'receiving', '-inf', gone, 'LIMIT', 0, left)) do ids[#ids + 1] = id end
end
return ids`,

  /** ids → those that there are */
  known: `
local found = {}
for _, id in ipairs(ARGV) do
  if call('EXISTS', jobKey(id)) == 1 then found[#found + 1] = id end
end
return found`,

  /** → waiting, since when ('' for nothing), bytes, jobs by state */
  load: `
local oldest = call('ZRANGE', P .. 'open', 0, 0, 'WITHSCORES')
local counts = {}
for i, state in ipairs({ 'pending', 'in_progress', 'completed', 'failed', 'canceled' }) do
  counts[i] = call('ZCARD', P .. 'state:' .. state)
end
return { number(call('GET', P .. 'waiting')), oldest[2] or '', number(call('GET', P .. 'bytes')), counts }`,

  /** ids of jobs that are being received here */
  touch: `
for _, id in ipairs(ARGV) do call('ZADD', P .. 'receiving', 'XX', text(now()), id) end
return 1`,

  /** from, how many → tickets of these open jobs, or that there are no more */
  sweep: `
local ids, tickets = call('ZRANGE', P .. 'open', ARGV[1], ARGV[1] + ARGV[2] - 1), {}
for _, id in ipairs(ids) do
  for _, ticket in ipairs(ticketsOf(id)) do tickets[#tickets + 1] = ticket end
end
return { #ids, tickets }`,
} as const;

export type ScriptName = keyof typeof bodies;

export const scriptOf = (name: ScriptName): string => `${shared}\n${bodies[name]}`;
