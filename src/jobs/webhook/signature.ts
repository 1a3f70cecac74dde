/** Signatures after the Standard Webhooks specification, https://www.standardwebhooks.com: libraries of many languages verify them. */
import { createHmac } from 'node:crypto';
import { AppError } from '../../errors.js';

const PREFIX = 'whsec_';

/** `whsec_` and base64, as the specification has it; the bytes of any other text. @throws AppError SETTING_INVALID */
export function keyOf(secret: string): Buffer {
  if (!secret.startsWith(PREFIX)) return Buffer.from(secret);
  const encoded = secret.slice(PREFIX.length);
  if (/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) return Buffer.from(encoded, 'base64');
  throw new AppError('SETTING_INVALID', {
    setting: 'webhookSecret',
    source: 'its value',
    expected: `"${PREFIX}" with base64 behind it, or any other text`,
    found: 'something else (hidden)',
  });
}

/** Time in seconds since 1970. */
export function signatureHeaders(key: Buffer, id: string, seconds: number, body: string): Record<string, string> {
  const signature = createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': `${seconds}`, 'webhook-signature': `v1,${signature}` };
}
