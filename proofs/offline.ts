/** Nothing leaves the machine and nothing is written outside the data directory: every system call of a service is watched. */
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { command, examples } from '../tests/support/paths.js';
import { withoutCommand } from '../tests/support/requirements.js';
import { endOf } from './support/processes.js';
import { prove } from './support/proof.js';

/** ONNX Runtime's reports, when they are on, begin about 9 s after the start. */
const [LONG_SECONDS, SHORT_SECONDS] = [60, 14];
/** Variables that mark automatic builds, in which libraries keep quiet. */
const BUILD_VARIABLES = /^(CI|TF_BUILD|GITHUB_|GITLAB_|JENKINS_|BUILD_|TRAVIS|CIRCLECI|APPVEYOR|TEAMCITY)/;

await prove('offline', withoutCommand('strace'), async ({ short }) => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'kaiyan-offline-'));
  const [home, kaiyanHome, trace] = ['user', 'data', 'trace'].map((name) => path.join(folder, name)) as [
    string,
    string,
    string,
  ];
  await mkdir(home);
  const seconds = short ? SHORT_SECONDS : LONG_SECONDS;
  const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !BUILD_VARIABLES.test(name)));
  const child = spawn(
    'strace',
    [
      ...[
        '-f',
        '-qq',
        '-y',
        '-s',
        '200',
        '-o',
        trace,
        '-e',
        'trace=connect,sendto,sendmsg,sendmmsg,openat,open,creat,mkdir,rename',
      ],
      ...[command, 'serve', '--port', '0', '--home', kaiyanHome],
    ],
    { detached: true, env: { ...environment, HOME: home, XDG_CACHE_HOME: '' }, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const ended = endOf(child);
  const address = await addressOf(child.stderr);
  const form = new FormData();
  form.append('image', new Blob([await readFile(path.join(examples, 'coffee.png'))]), 'coffee.png');
  const answer = await fetch(`${address}/predict`, { method: 'POST', body: form });
  await sleep(seconds * 1000);
  process.kill(-(child.pid as number), 'SIGTERM');
  const { status, signal } = await ended;
  const calls = (await readFile(trace, 'utf8')).split('\n');
  await rm(folder, { recursive: true });

  const outgoing = calls.filter(
    (call) => /AF_INET/.test(call) && /\b(connect|send\w+)\(/.test(call) && !isLoopback(call),
  );
  const written = calls.filter((call) => writes(call) && !call.includes(kaiyanHome) && !call.includes('"/dev/'));
  return {
    figures: `${calls.length} system calls of a service in ${seconds} s: ${outgoing.length} to other machines, ${written.length} writing outside the data directory`,
    violations: [
      ...(answer.ok ? [] : [`the service answered ${answer.status}`]),
      ...(status === 0 ? [] : [`the service ended with ${signal ?? status}`]),
      ...[...outgoing, ...written],
    ],
  };
});

function isLoopback(call: string): boolean {
  return /inet_addr\("127\.|"::1"/.test(call);
}

/** Opened for writing, or made, with success. */
function writes(call: string): boolean {
  return /O_CREAT|O_WRONLY|O_RDWR|\b(creat|mkdir|rename)\(/.test(call) && !/= -1 /.test(call);
}

/** The address that a service names in its first line. */
function addressOf(stderr: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  return new Promise((resolve, reject) => {
    stderr.setEncoding('utf8').on('data', (block: string) => {
      text += block;
      const [address] = /http:\/\/[\d.:]+/.exec(text) ?? [];
      if (address) resolve(address);
    });
    stderr.once('end', () => reject(new Error(`the service did not start: ${text}`)));
  });
}
