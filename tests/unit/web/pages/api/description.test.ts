import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  answerTypeOf,
  errorsOf,
  groupsOf,
  isKnownGroup,
  isOpen,
  manages,
  matching,
  type OpenApi,
  type Operation,
  type Schema,
} from '#page/pages/api/openapi.js';
import { missingIn, pathOf, queryOf, requestOf, snippetCallOf } from '#page/pages/api/request.js';
import { exampleOf, type Shape, shapeOf } from '#page/pages/api/shape.js';
import { sharedService } from '../../../../support/service.js';

const NO_BODY = { type: '', files: [], text: '' };
const base = 'http://localhost:3000/';

describe("the service's description as the page reads it", () => {
  const service = sharedService();
  const read = async () => (await service().http.inject('/api/v1/openapi.json')).json<OpenApi>();
  const all = async () => groupsOf(await read()).flatMap(({ operations }) => operations);
  async function named(id: string): Promise<Operation> {
    const found = (await all()).find((operation) => operation.id === id);
    assert.ok(found, id);
    return found;
  }

  test('has no group that the page has no words for', async () => {
    for (const { name } of groupsOf(await read())) assert.ok(isKnownGroup(name), name);
  });

  test('has every call once, under a name of its own that can stand in an address', async () => {
    const { paths } = await read();
    const described = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const operations = await all();
    assert.deepEqual(operations.map(({ method, path }) => `${method} ${path}`).toSorted(), described.toSorted());
    assert.equal(new Set(operations.map(({ id }) => id)).size, operations.length);
    for (const { id } of operations) assert.match(id, /^[\w-]+$/);
    assert.ok(operations.length > 20);
  });

  test('is found by words of its path, its summary or its description, all of which have to occur', async () => {
    const groups = groupsOf(await read());
    const found = (wanted: string) =>
      matching(groups, wanted).flatMap(({ operations }) => operations.map(({ id }) => id));
    assert.deepEqual(found('csv'), ['downloadCsv']);
    assert.deepEqual(found('DELETE job'), ['deleteJob']);
    assert.deepEqual(found('Prometheus'), ['get-metrics']);
    assert.deepEqual(found('no such words'), []);
    assert.deepEqual(matching(groups, ''), groups);
    assert.deepEqual(
      matching(groups, 'compare').map(({ name }) => name),
      ['Classify'],
    );
  });

  test('says who may call, what is answered, and what it is refused with', async () => {
    const activate = await named('activateModel');
    assert.deepEqual([isOpen(activate), manages(activate)], [false, true]);
    const health = await named('get-health');
    assert.deepEqual([isOpen(health), manages(health)], [true, false]);
    assert.deepEqual(errorsOf(activate).find(({ status }) => status === '422')?.codes, [
      'MODEL_TOO_LARGE',
      'ACTIVATION_FAILED',
    ]);
    assert.equal(answerTypeOf(await named('followJob')), 'text/event-stream');
    assert.equal(answerTypeOf(await named('deleteJob')), undefined);
  });

  test('has no reference that leads nowhere, and no type that is not known', async () => {
    const { components } = await read();
    const look = (shape: Shape, where: string): void => {
      assert.ok(shape.type !== 'any' || shape.values.length > 0, where);
      for (const { name, shape: inner } of shape.properties) look(inner, `${where}.${name}`);
      for (const variant of shape.variants) look(variant, `${where}|`);
      if (shape.items) look(shape.items, `${where}[]`);
    };
    for (const operation of await all())
      for (const [status, { content = {} }] of Object.entries(operation.responses))
        for (const [type, { schema }] of Object.entries(content))
          if (Object.keys(schema).length > 0 && type === 'application/json')
            look(shapeOf(schema, components.schemas), `${operation.id} ${status}`);
  });

  test('becomes a request with its path and its query, and a snippet of the same', async () => {
    const results = await named('listResults');
    const values = { id: 'a b/c', from: '10', state: '' };
    assert.equal(pathOf(results, values), 'api/v1/jobs/a%20b%2Fc/results');
    assert.deepEqual(queryOf(results, values), { from: '10' });
    assert.equal(pathOf(results, {}), 'api/v1/jobs/{id}/results');
    assert.deepEqual(missingIn(results, {}, NO_BODY), ['id']);
    assert.deepEqual(missingIn(results, values, NO_BODY), []);
    assert.deepEqual(requestOf(results, values, NO_BODY), { headers: {} });
    assert.deepEqual(snippetCallOf(results, values, NO_BODY, { base, key: 'YOUR_KEY' }), {
      method: 'GET',
      url: 'http://localhost:3000/api/v1/jobs/a%20b%2Fc/results',
      query: { from: '10' },
      headers: { Authorization: 'Bearer YOUR_KEY' },
      body: null,
      answer: 'json',
    });
  });

  test('becomes a request with files in a form, a bare file, or JSON', async () => {
    const job = await named('createJob');
    const files = ['a.png', 'b.png'].map((name) => new File([name], name, { type: 'image/png' }));
    const draft = { files, text: '{"paths":["/p"]}' };
    assert.deepEqual(missingIn(job, {}, { type: 'multipart/form-data', files: [], text: '' }), [undefined]);

    const form = requestOf(job, {}, { type: 'multipart/form-data', ...draft }).body;
    assert.ok(form instanceof FormData);
    assert.deepEqual(
      form.getAll('image').map((file) => (file as File).name),
      ['a.png', 'b.png'],
    );
    const bare = requestOf(job, {}, { type: 'image/*', ...draft });
    assert.deepEqual(bare, { headers: { 'Content-Type': 'image/png' }, body: files[0] });
    const archive = requestOf(job, {}, { type: 'application/zip', ...draft });
    assert.deepEqual(archive.headers, { 'Content-Type': 'application/zip' });
    const json = requestOf(job, {}, { type: 'application/json', ...draft });
    assert.deepEqual(json, { headers: { 'Content-Type': 'application/json' }, body: '{"paths":["/p"]}' });

    const bodyOf = (type: string, chosen = files) =>
      snippetCallOf(job, {}, { type, files: chosen, text: draft.text }, { base, key: undefined }).body;
    const [one] = files;
    assert.ok(one);
    assert.deepEqual(bodyOf('multipart/form-data'), {
      kind: 'files',
      field: 'image',
      files: files.map(({ name }) => ({ name, type: 'image/png' })),
    });
    assert.deepEqual(bodyOf('multipart/form-data', [one]), {
      ...{ kind: 'file', field: 'image', name: 'a.png', type: 'image/png' },
    });
    assert.deepEqual(bodyOf('image/*', []), { kind: 'file', name: 'picture.jpg', type: 'image/jpeg' });
    assert.deepEqual(bodyOf('application/json'), { kind: 'json', value: { paths: ['/p'] } });
  });

  test('says how its answers are kept, shown, or awaited', async () => {
    const answerOf = async (id: string) => snippetCallOf(await named(id), {}, NO_BODY, { base, key: undefined }).answer;
    assert.equal(await answerOf('classify'), 'json');
    assert.equal(await answerOf('deleteJob'), 'status');
    assert.equal(await answerOf('followJob'), 'lines');
    assert.deepEqual(await answerOf('downloadCsv'), { file: 'results.csv' });
    assert.deepEqual(await answerOf('showThumbnail'), { file: 'answer.jpeg' });
  });

  test('gives JSON to begin with that has what is required', async () => {
    const { components } = await read();
    const schema = (await named('activateModel')).requestBody?.content['application/json']?.schema ?? {};
    assert.deepEqual(exampleOf(shapeOf(schema, components.schemas)), { model: '' });
  });
});

test('a schema is read with its references, its alternatives, and what contains itself only once', () => {
  const schemas: Readonly<Record<string, Schema>> = {
    Tree: {
      type: 'object',
      properties: {
        name: { anyOf: [{ type: 'string', maxLength: 3 }, { type: 'null' }], description: 'Its name.' },
        kind: { enum: ['oak', 'elm'], type: 'string' },
        children: { type: 'array', minItems: 1, items: { $ref: '#/components/schemas/Tree' } },
        either: { anyOf: [{ type: 'integer', minimum: 1 }, { type: 'boolean' }, { type: 'null' }] },
      },
      required: ['name', 'kind'],
    },
  };
  const { title, properties } = shapeOf({ $ref: '#/components/schemas/Tree' }, schemas);
  assert.equal(title, 'Tree');
  const [name, kind, children, either] = properties;
  assert.deepEqual(
    [name?.required, name?.shape.type, name?.shape.nullable, name?.shape.most, name?.shape.description],
    [true, 'text', true, 3, 'Its name.'],
  );
  assert.deepEqual(kind?.shape.values, ['"oak"', '"elm"']);
  assert.deepEqual([children?.required, children?.shape.least], [false, 1]);
  assert.deepEqual([children?.shape.items?.title, children?.shape.items?.properties], ['Tree', []]);
  assert.deepEqual([either?.shape.type, either?.shape.nullable], ['choice', true]);
  assert.deepEqual(
    either?.shape.variants.map(({ type }) => type),
    ['integer', 'yes-no'],
  );
  assert.deepEqual(exampleOf(shapeOf({ $ref: '#/components/schemas/Tree' }, schemas)), { name: '', kind: 'oak' });
});
