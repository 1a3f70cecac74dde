/** Runs the real command line in a process of its own. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { command } from './paths.js';

export interface CommandResult {
  /** Null if a signal ended the process. */
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly input?: Uint8Array;
  /** Undefined ones are taken away. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** The number of the user to run as, which only root may choose. */
  readonly user?: number | undefined;
  /** Called with the running process, to send it signals. */
  readonly onStart?: (child: ChildProcessWithoutNullStreams) => void;
}

export interface RunningCommand {
  readonly child: ChildProcessWithoutNullStreams;
  /** What it wrote to stderr until now. */
  readonly stderr: () => string;
  readonly result: Promise<CommandResult>;
}

/** Starts a command and leaves its standard input open. */
export const startKaiyan = (args: readonly string[], options: Omit<CommandOptions, 'input'> = {}): RunningCommand =>
  start(process.execPath, [command, ...args], options);

/** Starts a line of shell, for what only a shell can connect; `"$kaiyan"` is the command. */
export const startShell = (line: string): RunningCommand =>
  start('sh', ['-c', line], { environment: { kaiyan: command } });

/** Starts a line of shell on a terminal of its own; what it shows there is the result's `stdout`. */
export const startOnTerminal = (line: string): RunningCommand =>
  start('script', ['--quiet', '--return', '--command', line, '/dev/null'], { environment: { kaiyan: command } });

/** Starts a compiled module of the tests as a program of its own. */
export const startScript = (
  script: string,
  args: readonly string[],
  options: Omit<CommandOptions, 'input'> = {},
): RunningCommand => start(process.execPath, [script, ...args], options);

function start(file: string, args: readonly string[], options: Omit<CommandOptions, 'input'>): RunningCommand {
  const child = spawn(file, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.environment },
    uid: options.user,
    stdio: 'pipe',
  });
  options.onStart?.(child);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdin.on('error', () => undefined);
  const result = new Promise<CommandResult>((resolve) => {
    child.on('close', (status, signal) => resolve({ status, signal, stdout, stderr }));
  });
  return { child, stderr: () => stderr, result };
}

export function kaiyan(args: readonly string[], { input, ...options }: CommandOptions = {}): Promise<CommandResult> {
  const { child, result } = startKaiyan(args, options);
  child.stdin.end(input);
  return result;
}

/** The objects of line-delimited JSON. */
export const jsonLines = (text: string): Record<string, unknown>[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
