/** What certificates are written in: ASN.1 values as DER (ITU-T X.690). Each function gives the bytes of one value. */

/** A value with its tag; the content is what follows one after the other. */
function tagged(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  return Buffer.concat([Buffer.from([tag, ...lengthOf(body.length)]), body]);
}

/** Up to 127 in one byte; else the number of its bytes, and these (8.1.3). */
function lengthOf(length: number): number[] {
  if (length < 0x80) return [length];
  const bytes = length > 0xff ? [length >> 8, length & 0xff] : [length];
  return [0x80 | bytes.length, ...bytes];
}

export const sequence = (...values: readonly Uint8Array[]): Buffer => tagged(0x30, ...values);
export const set = (...values: readonly Uint8Array[]): Buffer => tagged(0x31, ...values);
export const octets = (content: Uint8Array): Buffer => tagged(0x04, content);
export const text = (content: string): Buffer => tagged(0x0c, Buffer.from(content));
export const yes = tagged(0x01, Buffer.of(0xff));
/** A number that is not negative, most significant byte first. */
export const integer = (...bytes: readonly number[]): Buffer =>
  tagged(0x02, Buffer.from((bytes[0] ?? 0) > 0x7f ? [0, ...bytes] : bytes));
/** Of whose last byte so many bits mean nothing. */
export const bits = (content: Uint8Array, unused = 0): Buffer => tagged(0x03, Buffer.of(unused), content);
/** `[n]` around a value. */
export const explicit = (n: number, value: Uint8Array): Buffer => tagged(0xa0 | n, value);
/** `[n]` instead of the tag of a value that has no others in it. */
export const implicit = (n: number, content: Uint8Array): Buffer => tagged(0x80 | n, content);

/** Such as 1.2.840.10045.4.3.2: the first two numbers in one byte, the others in bytes of 7 bits (8.19). */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...others] = dotted.split('.').map(Number);
  return tagged(0x06, Buffer.from([first * 40 + second, ...others.flatMap(base128)]));
}

function base128(number: number): number[] {
  const bytes = [number & 0x7f];
  for (let rest = number >>> 7; rest > 0; rest >>>= 7) bytes.unshift(0x80 | (rest & 0x7f));
  return bytes;
}

/** To the second; with two digits for the year until 2049, as certificates have to (RFC 5280, 4.1.2.5). */
export function time(moment: Date): Buffer {
  const digits = `${moment.toISOString().replace(/\D/g, '').slice(0, 14)}Z`;
  return moment.getUTCFullYear() < 2050
    ? tagged(0x17, Buffer.from(digits.slice(2)))
    : tagged(0x18, Buffer.from(digits));
}
