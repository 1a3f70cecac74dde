/** Scripts for jobs, from their beginning to their end. */
import { ANSWER_GRACE_MS, SENDER_GONE_MS } from './shared.js';

export const jobScripts = {
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
local found = call('HMGET', job, 'total', 'answered', 'failed', 'refused', 'started', 'created', 'keeps', 'recorded', 'key')
local total, answered, failed, refused = number(found[1]), number(found[2]), number(found[3]), number(found[4])
local again = failed - refused
local undone = state == 'canceled' and total - answered - failed or 0
if again + undone == 0 then return { view(id), isOpen(state) and ticketsOf(id) or {} } end
local list = job .. ':failed'
if call('EXISTS', list) == 1 and call('RENAMENX', list, job .. ':todo') == 0 then
  for from = 0, call('LLEN', list) - 1, 5000 do
    call('RPUSH', job .. ':todo', unpack(call('LRANGE', list, from, from + 4999)))
  end
  call('DEL', list)
end
call('HSET', job, 'failed', refused, 'retried', found[8])
outlive(id)
call('INCRBY', P .. 'waiting', again + undone)
if not isOpen(state) then
  enter(id, state, found[5] and 'in_progress' or 'pending')
  call('HDEL', job, 'ended')
  call('ZREM', P .. 'webhooks', id)
  call('ZADD', P .. 'open', found[6], id)
end
return { view(id), ticketsOf(id) }`,

  /** id, after which outcome, how many → where to go on (-1 for the end). The answers of a job stay as long as it does. */
  prolong: `
local id, sequence = ARGV[1], number(ARGV[2])
local job = jobKey(id)
local found = call('HMGET', job, 'recorded', 'expires')
local last = math.min(number(found[1]), sequence + number(ARGV[3]))
while sequence < last do
  local block, offset = math.floor(sequence / BLOCK), sequence % BLOCK
  local entries = call('LRANGE', job .. ':log:' .. block, offset, offset + last - sequence - 1)
  for _, entry in ipairs(entries) do
    local key = string.match(entry, '^%d+ a %S+ (.*)$')
    if key and not ownerOf(key) then
      call('PEXPIREAT', P .. 'answer:' .. key, text(number(found[2]) + ${ANSWER_GRACE_MS}), 'GT')
    end
  end
  sequence = math.min(last, (block + 1) * BLOCK)
end
return sequence >= number(found[1]) and -1 or sequence`,

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

  /** for how long nobody else is given it → id, address, attempts */
  takeWebhook: `
local id = call('ZRANGEBYSCORE', P .. 'webhooks', '-inf', text(now()), 'LIMIT', 0, 1)[1]
if not id then return false end
call('ZADD', P .. 'webhooks', text(now() + number(ARGV[1])), id)
local found = call('HMGET', jobKey(id), 'webhook', 'attempts')
return { id, found[1], number(found[2]) }`,

  /** id, when next or ''. The job may have been retried since, and may have ended again: then that is due, and not in somebody's hands. */
  postponeWebhook: `
local due = stateOf(ARGV[1]) and call('ZSCORE', P .. 'webhooks', ARGV[1])
if not due or tonumber(due) <= now() then return 1 end
call('HINCRBY', jobKey(ARGV[1]), 'attempts', 1)
if ARGV[2] == '' then call('ZREM', P .. 'webhooks', ARGV[1]) else call('ZADD', P .. 'webhooks', ARGV[2], ARGV[1]) end
return 1`,

  /** limit → ids, also of jobs whose sender is gone; and those that are still worked on, which are kept longer */
  expired: `
local ids, kept = {}, {}
for _, id in ipairs(call('ZRANGEBYSCORE', P .. 'expiry', '-inf', text(now()), 'LIMIT', 0, ARGV[1])) do
  if isOpen(stateOf(id)) then
    outlive(id)
    kept[#kept + 1] = id
  else
    ids[#ids + 1] = id
  end
end
local left = number(ARGV[1]) - #ids
if left > 0 then
  local gone = text(now() - ${SENDER_GONE_MS})
  for _, id in ipairs(call('ZRANGEBYSCORE', P .. 'receiving', '-inf', gone, 'LIMIT', 0, left)) do ids[#ids + 1] = id end
end
return { ids, kept }`,
} as const;
