/** Scripts for those who work on items. */

export const workScripts = {
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

  /** of each outcome: id, item, ticket, lock, kind, hash, key or error, answer, bytes of the thumbnail → of each whether its item is answered */
  record: `
local held, answered = {}, {}
for i = 1, #ARGV, 9 do
  local id, item, ticket, lock, kind, hash, rest, answer, thumbnail = unpack(ARGV, i, i + 8)
  if stateOf(id) then
    local hand = id .. ' ' .. ticket .. ' ' .. lock
    held[hand] = held[hand] or { id, {}, ticket, lock }
    held[hand][2][item] = true
    if kind == 'a' and isOpen(stateOf(id)) and not isRecorded(id, item) then keep(id, rest, answer) end
    record(id, item, kind, hash, rest, number(thumbnail))
  end
  local sequence, hasFailed = outcomeOf(placeOf(id, item), retriedOf(id))
  answered[#answered + 1] = sequence > 0 and not hasFailed and 1 or 0
end
for _, hand in pairs(held) do
  if stateOf(hand[1]) == 'canceled' then giveBack(unpack(hand)) else letGo(hand[1], hand[2], hand[3]) end
end
return answered`,

  /** of each item: id, item, ticket, lock → tickets */
  giveBack: `
local jobs, held, tickets = {}, {}, {}
for i = 1, #ARGV, 4 do
  local id, item, ticket, lock = unpack(ARGV, i, i + 3)
  local hand = id .. ' ' .. ticket
  held[hand] = held[hand] or { id, {}, ticket, lock }
  held[hand][2][item] = true
  jobs[id] = true
end
for _, hand in pairs(held) do giveBack(unpack(hand)) end
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

  /** from, how many, what the keys of tickets begin with → how many open jobs there were, their tickets that are not queued */
  sweep: `
local ids, tickets = call('ZRANGE', P .. 'open', ARGV[1], ARGV[1] + ARGV[2] - 1), {}
for _, id in ipairs(ids) do
  for _, ticket in ipairs(ticketsOf(id)) do
    local number = string.match(ticket, '^%S+ %d+ (%d+)')
    if call('EXISTS', ARGV[3] .. id .. '-' .. number) == 0 then tickets[#tickets + 1] = ticket end
  end
end
return { #ids, tickets }`,
} as const;
