/** What the service says once it listens: its address, those for other machines, and how to know its certificate. */
import { renderUnicodeCompact } from 'uqr';
import type { Settings } from '../config.js';
import type { Logger } from '../logger.js';
import { isLoopback } from '../server/access.js';
import type { App } from '../server/app.js';
import { logFormat } from './listening.js';
import { visible } from './output.js';

export interface Greeting {
  readonly app: App;
  /** On this machine. */
  readonly address: string;
  readonly settings: Settings;
  readonly model: { readonly name: string; readonly precision: string };
  readonly log: Logger;
}

export function greet({ app, address, settings, model, log }: Greeting): void {
  const { host, apiKey } = settings;
  const msg = `Kaiyan answers at ${address} with ${model.name} (${model.precision}).`;
  const elsewhere = app.addresses();
  if (logFormat(settings) === 'json') {
    const fingerprint = app.certificate?.fingerprint;
    log.info({
      msg,
      address,
      ...(elsewhere.length > 0 && { addresses: elsewhere }),
      ...(fingerprint && { fingerprint }),
    });
  } else {
    const lines = [`${msg} Ctrl-C ends it.`, tryIt(address, app), ...inNetwork(elsewhere), ...ofCertificate(app)];
    process.stderr.write(`${lines.map(visible).join('\n')}\n`);
    if (elsewhere[0] && process.stderr.isTTY) process.stderr.write(`${qrCode(elsewhere[0])}\n`);
  }
  if (!isLoopback(host) && apiKey === '')
    log.warn({
      msg: `everyone who reaches ${host} may ask, and see and end jobs: set apiKey, or put a proxy with access control in front`,
    });
}

function tryIt(address: string, { certificate }: App): string {
  const trust = certificate?.file === undefined ? '' : `--cacert "${certificate.file}" `;
  return `Try: curl ${trust}-F image=@picture.jpg ${address}/predict`;
}

const inNetwork = (addresses: readonly string[]) =>
  addresses.length === 0 ? [] : [`From phones and other machines in the network: ${addresses.join(' or ')}`];

function ofCertificate({ certificate }: App): string[] {
  if (!certificate) return [];
  const own = 'Browsers warn of it, since nobody else vouches for it: compare the fingerprint, then go on.';
  return [`SHA-256 fingerprint of its certificate: ${certificate.fingerprint}`, ...(certificate.isOwn ? [own] : [])];
}

/** White on black, whatever the colours of the terminal are, since not every camera reads the reverse. */
const qrCode = (text: string) =>
  renderUnicodeCompact(text, { border: 2 })
    .split('\n')
    .map((line) => `\x1b[97;40m${line}\x1b[0m`)
    .join('\n');
