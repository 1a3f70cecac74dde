/** Scripts for jobs that are being received. */
import { SENDER_GONE_MS } from './shared.js';

export const receivingScripts = {
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
call('HSET', job, 'number', place, 'state', 'receiving', 'options', options, 'created', text(now()), 'keeps', text(number(expires) - now()), 'expires', expires,
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

  /** ids of jobs that are being received here */
  touch: `
for _, id in ipairs(ARGV) do call('ZADD', P .. 'receiving', 'XX', text(now()), id) end
return 1`,
} as const;
