/** Server-sent events, from a text that comes in pieces: https://html.spec.whatwg.org/multipage/server-sent-events.html */

export interface ServerEvent {
  /** `message` if the service gives it no name. */
  readonly type: string;
  /** The last id that was given, by this event or one before; empty for none. */
  readonly id: string;
  readonly data: string;
}

/** Gives what is complete with each piece; a piece may end anywhere. */
export function createEventParser(): (piece: string) => ServerEvent[] {
  let rest = '';
  let id = '';
  let type = '';
  let data: string[] = [];

  function take(line: string, events: ServerEvent[]): void {
    if (line === '') {
      if (data.length > 0) events.push({ type: type || 'message', id, data: data.join('\n') });
      type = '';
      data = [];
      return;
    }
    const [, field = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (field === 'data') data.push(value);
    else if (field === 'event') type = value;
    else if (field === 'id' && !value.includes('\0')) id = value;
  }

  return (piece) => {
    const events: ServerEvent[] = [];
    rest += piece;
    // A carriage return at the end may be the first half of a line's end.
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    for (const line of lines) take(line, events);
    return events;
  };
}
