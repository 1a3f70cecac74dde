/** Who works on what: items are taken, recorded once, given back, and given to others when a process is gone. */
import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import { AppError } from '../../errors.js';
import { CRASHES_BEFORE_ALONE, type JobStore, type Outcome, type TakenItem } from '../store.js';
import type { Connection } from './connection.js';
import { handReply, nameAndSourceOf, textsReply } from './replies.js';
import type { Ticket, Tickets } from './tickets.js';

export type Work = Pick<JobStore, 'take' | 'record' | 'giveBack'> & {
  /** Says that this process is here. */
  readonly renew: () => Promise<void>;
  /** Takes over a ticket of a process that is gone. */
  readonly takeOver: () => Promise<void>;
  /** Queues tickets which are not there, because a process ended before it had queued them; of some jobs at a time. */
  readonly sweep: () => Promise<void>;
  /** Gives back what is in hand. */
  readonly leave: () => Promise<void>;
};

type Name = Pick<TakenItem, 'job' | 'item'>;

/** A ticket and the items that were taken with it and are still in hand. */
interface Hand {
  readonly ticket: Ticket;
  readonly items: Set<number>;
  readonly isAlone: boolean;
}

/** Outcomes of one command: so that none takes long while others wait. */
const RECORDED = 64;
/** Tickets of jobs that were canceled are passed over; this many in a row are enough for one turn. */
const TRIES = 32;
/** Open jobs that are looked at by one command. */
const SWEPT = 100;

const { code, message } = new AppError('PICTURE_CRASHED', { times: CRASHES_BEFORE_ALONE + 1 });
const CRASHED = JSON.stringify({ code, error: message });

export function createWork({ run, tell }: Connection, tickets: Tickets): Work {
  const hands = new Map<string, Hand>();
  let sweptTo = 0;

  const nameOf = ({ job, item }: Name) => `${job} ${item}`;

  async function take(limit: number, inHand: number): Promise<TakenItem[]> {
    if (limit < 1 || [...hands.values()].some(({ isAlone }) => isAlone)) return [];
    for (let i = 0; i < TRIES; i += 1) {
      const ticket = await tickets.take(randomUUID());
      if (!ticket) return [];
      const { items, isBlocked } = await use(ticket, limit, inHand);
      if (items.length > 0 || isBlocked) return items;
    }
    return [];
  }

  /** Takes items with a ticket, after those have been put back that a process had with it which is gone. */
  async function use(ticket: Ticket, limit: number, inHand: number) {
    const { job, lane, number, lock } = ticket;
    const values = [job, lane, number, lock, limit, inHand, CRASHES_BEFORE_ALONE, CRASHED];
    const [options, alone, blocked, given, next] = v.parse(handReply, await run('hand', ...values));
    const taken = given.map(
      ([item, line]): TakenItem => ({
        ...{ job, item, options: JSON.parse(options), alone: alone === 1 },
        ...nameAndSourceOf(line),
      }),
    );
    const hand: Hand = { ticket, items: new Set(given.map(([item]) => item)), isAlone: alone === 1 };
    for (const item of taken) hands.set(nameOf(item), hand);
    await tickets.add(next);
    if (taken.length === 0) await ticket.finish();
    return { items: taken, isBlocked: blocked === 1 };
  }

  async function sweep(): Promise<void> {
    const reply = v.tuple([v.number(), textsReply]);
    const [jobs, lost] = v.parse(reply, await run('sweep', sweptTo, SWEPT, tickets.key));
    sweptTo = jobs < SWEPT ? 0 : sweptTo + SWEPT;
    await tickets.add(lost);
    for (const ticket of lost) tell(ticket.split(' ')[0] as string);
  }

  const ticketOf = (name: Name) => hands.get(nameOf(name))?.ticket;

  /** They are in hand no more. */
  async function drop(names: readonly Name[]): Promise<void> {
    const done: Ticket[] = [];
    for (const name of names) {
      const hand = hands.get(nameOf(name));
      hands.delete(nameOf(name));
      if (hand?.items.delete(name.item) && hand.items.size === 0) done.push(hand.ticket);
    }
    await Promise.all(done.map(({ finish }) => finish()));
  }

  async function record(outcomes: readonly Outcome[]): Promise<boolean[]> {
    const answered: boolean[] = [];
    for (let from = 0; from < outcomes.length; from += RECORDED) {
      const some = outcomes.slice(from, from + RECORDED);
      const reply = await run('record', ...some.flatMap((outcome) => valuesOf(outcome, ticketOf(outcome))));
      answered.push(...v.parse(v.array(v.number()), reply).map((is) => is === 1));
      await drop(some);
    }
    return answered;
  }

  async function giveBack(items: readonly Name[]): Promise<void> {
    const held = items.flatMap((item) => {
      const ticket = ticketOf(item);
      return ticket ? [[item.job, item.item, ticket.number, ticket.lock] as const] : [];
    });
    if (held.length === 0) return;
    await tickets.add(v.parse(textsReply, await run('giveBack', ...held.flat())));
    for (const job of new Set(held.map(([id]) => id))) tell(job);
    await drop(items);
  }

  async function renew(): Promise<void> {
    const held = [...new Set(hands.values())];
    if (held.length === 0) return;
    const lost = new Set(await tickets.renew(held.map(({ ticket }) => ticket)));
    // Others will be given these items too; whoever is first records them.
    const names = held.filter(({ ticket }) => lost.has(ticket)).flatMap(namesOf);
    const known = names.filter((name) => lost.has(ticketOf(name) as Ticket));
    for (const name of known) hands.delete(nameOf(name));
    if (known.length > 0) await run('forgive', ...known.flatMap(({ job, item }) => [job, item]));
  }

  async function takeOver(): Promise<void> {
    const ticket = await tickets.take(randomUUID());
    if (!ticket) return;
    await use(ticket, 0, 0);
    tell(ticket.job);
  }

  async function leave(): Promise<void> {
    await giveBack([...new Set(hands.values())].flatMap(namesOf));
  }

  return { take, record, giveBack, renew, takeOver, sweep, leave };
}

const namesOf = ({ ticket, items }: Hand): Name[] => [...items].map((item) => ({ job: ticket.job, item }));

function valuesOf(outcome: Outcome, ticket: Ticket | undefined): readonly (string | number)[] {
  const { job, item } = outcome;
  const sha256 = outcome.sha256 || '-';
  const start = [job, item, ticket?.number ?? '', ticket?.lock ?? ''];
  if ('error' in outcome) {
    return [...start, 'f', sha256, JSON.stringify({ code: outcome.error.code, error: outcome.error.error }), '', 0];
  }
  return [...start, 'a', sha256, outcome.key, JSON.stringify(outcome.answer), outcome.thumbnailBytes];
}
