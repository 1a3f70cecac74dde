/** One client: a connection that is kept as long as the server keeps it, with one request at a time on it. */
import net from 'node:net';

export interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

export interface Client {
  /** Sends a whole request, head and body, and gives its answer. Rejects where the connection fails or nothing comes. */
  readonly ask: (request: Buffer) => Promise<Answer>;
  readonly close: () => void;
}

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

const PATIENCE_MS = 60_000;
const NOTHING = Buffer.alloc(0);

/** Not node:http: its client takes more CPU time, and that is taken from the server, which shares the machine. */
export function createClient(port: number): Client {
  let socket: net.Socket | undefined;
  let waiting: Waiting | undefined;
  let received: Buffer = NOTHING;

  function connect(): net.Socket {
    const opened = net.connect({ port, host: '127.0.0.1', noDelay: true });
    opened.setTimeout(PATIENCE_MS, () => opened.destroy(new Error(`nothing for ${PATIENCE_MS / 1000} s`)));
    opened.on('data', (bytes) => receive(opened, bytes));
    opened.on('error', (error: NodeJS.ErrnoException) => fail(opened, new Error(error.code ?? error.message)));
    opened.on('close', () => fail(opened, new Error('closed without an answer')));
    return opened;
  }

  function receive(from: net.Socket, bytes: Buffer): void {
    if (from !== socket) return;
    received = received.length === 0 ? bytes : Buffer.concat([received, bytes]);
    try {
      const parsed = parseAnswer(received);
      if (!parsed) return;
      received = NOTHING;
      if (!parsed.keptOpen) close();
      waiting?.resolve(parsed.answer);
    } catch (error) {
      fail(from, error as Error);
    }
  }

  /** What an abandoned connection has to say concerns nobody. */
  function fail(from: net.Socket, error: Error): void {
    if (from !== socket) return;
    close();
    waiting?.reject(error);
  }

  function close(): void {
    const closing = socket;
    socket = undefined;
    received = NOTHING;
    closing?.destroy();
  }

  function ask(request: Buffer): Promise<Answer> {
    return new Promise((resolve, reject) => {
      waiting = { resolve, reject };
      socket ??= connect();
      socket.write(request);
    });
  }

  return { ask, close };
}

interface Parsed {
  readonly answer: Answer;
  readonly keptOpen: boolean;
}

/**
 * The answer, once all of it is there. Both servers say how long their answers are.
 * @throws Error if one does not, or if more has come than that
 */
function parseAnswer(received: Buffer): Parsed | undefined {
  const end = received.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const head = received.toString('latin1', 0, end);
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (!head.startsWith('HTTP/1.') || length === undefined) throw new Error('an answer that cannot be read');
  const body = received.subarray(end + 4);
  if (body.length < Number(length)) return undefined;
  if (body.length > Number(length)) throw new Error('an answer that is longer than it says');
  const persistent = head.startsWith('HTTP/1.1');
  const keptOpen = persistent && !/\r\nconnection: *close/i.test(head);
  return { answer: { status: Number(head.slice(9, 12)), body }, keptOpen };
}
