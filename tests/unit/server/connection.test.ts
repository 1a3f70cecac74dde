import { describe, test } from 'node:test';
import { listeningServiceFor } from '../../support/service.js';
import { until } from '../../support/timing.js';

describe('a connection that has had its answer', () => {
  for (const [what, https, path] of [
    ['', false, '/livez'],
    [', over HTTPS too', true, '/livez'],
    [', also after one that could not be read', false, '/%zz'],
  ] as const) {
    test(`is cut when it brings line ends and no request${what}`, async (t) => {
      const { http, connect } = await listeningServiceFor(t, { https });
      http.server.keepAliveTimeout = 500;
      http.server.headersTimeout = 500;
      const connection = await connect();
      connection.send(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
      await connection.answer();
      const dripping = setInterval(() => connection.send('\r\n'), 50);
      t.after(() => clearInterval(dripping));
      await until('the end of the connection', () => connection.ended() || connection.wasReset());
    });
  }
});
