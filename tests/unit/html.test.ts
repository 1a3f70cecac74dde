import assert from 'node:assert/strict';
import { test } from 'node:test';
import { escapeHtml } from '#kaiyan/html.js';

test('text becomes HTML that shows it, and what nobody can see becomes visible', () => {
  assert.equal(escapeHtml(`<b class="x">'&amp;'</b>`), '&lt;b class=&quot;x&quot;&gt;&#39;&amp;amp;&#39;&lt;/b&gt;');
  assert.equal(escapeHtml('gnp\u202e.\u0000\u001b[2J\ud800'), 'gnp\ufffd.\ufffd\ufffd[2J\ufffd');
});
