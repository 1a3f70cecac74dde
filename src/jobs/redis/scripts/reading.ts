/** Scripts that read. */
import { ANSWER_GRACE_MS } from './shared.js';

export const readingScripts = {
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

  /** keys → answers, '' for none */
  answers: `
local found, latest = {}, now() + ${ANSWER_GRACE_MS}
for i, key in ipairs(ARGV) do
  local isOver = not ownerOf(key) and call('PEXPIRETIME', P .. 'answer:' .. key) <= latest
  found[i] = not isOver and answerUnder(key) or ''
end
return found`,

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
} as const;
