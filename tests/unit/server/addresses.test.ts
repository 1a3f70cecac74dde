import assert from 'node:assert/strict';
import type os from 'node:os';
import { describe, test } from 'node:test';
import { networkAddresses, reachableAt } from '#kaiyan/server/addresses.js';

type Interfaces = ReturnType<typeof os.networkInterfaces>;

const entry = (address: string, internal = false) => ({
  ...{ address, internal, netmask: '', mac: '', cidr: null },
  ...(address.includes(':') ? { family: 'IPv6' as const, scopeid: 0 } : { family: 'IPv4' as const }),
});

const machine: Interfaces = {
  lo: [entry('127.0.0.1', true), entry('::1', true)],
  docker0: [entry('172.17.0.1')],
  eth1: [entry('169.254.7.7')],
  eth0: [entry('10.1.2.3'), entry('2001:db8::7'), entry('fe80::1')],
  wlan0: [entry('192.168.1.20')],
};

describe('the addresses of a machine in its networks', () => {
  test('are those that phones reach, the likeliest first', () => {
    assert.deepEqual(networkAddresses(machine), ['192.168.1.20', '10.1.2.3', '169.254.7.7']);
  });

  test('are of IPv6 only where there are no others, without those that need to be told an interface', () => {
    const modern = { lo: machine.lo, eth0: [entry('2001:db8::7'), entry('fe80::1')] };
    assert.deepEqual(networkAddresses(modern), ['2001:db8::7']);
    assert.deepEqual(networkAddresses({ lo: machine.lo }), []);
  });
});

describe('where a service is reached', () => {
  const bound = (address: string, port = 5000) => ({ address, port, family: 'IPv4' });
  const listening = { scheme: 'https', answersTo: undefined } as const;

  test('is nowhere else while only this machine is listened to, or nothing', () => {
    assert.deepEqual(reachableAt({ ...listening, bound: bound('127.0.0.1') }, machine), []);
    assert.deepEqual(reachableAt({ ...listening, bound: bound('::1') }, machine), []);
    assert.deepEqual(reachableAt({ ...listening, bound: null }, machine), []);
  });

  test('is at the address that it listens on, or at all of the machine', () => {
    const at = (address: string, port?: number) => reachableAt({ ...listening, bound: bound(address, port) }, machine);
    assert.deepEqual(at('10.1.2.3'), ['https://10.1.2.3:5000']);
    assert.deepEqual(at('10.1.2.3', 443), ['https://10.1.2.3']);
    assert.deepEqual(at('fd00::7'), ['https://[fd00::7]:5000']);
    for (const any of ['0.0.0.0', '::'])
      assert.deepEqual(at(any), ['https://192.168.1.20:5000', 'https://10.1.2.3:5000', 'https://169.254.7.7:5000']);
  });

  test('is not where no URL leads: an address of one interface, and what a certificate may say', () => {
    assert.deepEqual(reachableAt({ ...listening, bound: bound('fe80::1%eth0') }, machine), []);
    const certified = ['1.2.3.4.5', 'a.example'];
    assert.deepEqual(reachableAt({ ...listening, certified, bound: bound('0.0.0.0') }, machine), [
      'https://a.example:5000',
    ]);
  });

  test('is only under the names that it answers to', () => {
    const answersTo = (name: string) => name === '10.1.2.3';
    assert.deepEqual(reachableAt({ scheme: 'http', answersTo, bound: bound('0.0.0.0') }, machine), [
      'http://10.1.2.3:5000',
    ]);
  });
});
