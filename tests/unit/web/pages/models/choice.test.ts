import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allChoices, canCompare, firstPrecision, nameOf } from '#page/pages/models/choice.js';
import { serviceFor } from '../../../../support/service.js';

type Models = Parameters<typeof allChoices>[0];

test('what answers now comes first, and is what is looked at of its model', async (t) => {
  const { http, serving } = await serviceFor(t);
  const models = async () => (await http.inject('/api/v1/models')).json<Models>();
  const before = await models();
  assert.deepEqual(allChoices(before).map(nameOf), [
    'efficientnet-lite0:int8',
    'efficientnet-lite0:fp32',
    'efficientnet-lite2:int8',
  ]);
  const precisions = (all: Models) => all.models.map((model) => firstPrecision(all, model));
  assert.deepEqual(precisions(before), ['int8', 'int8']);

  await serving.activate({ model: 'efficientnet-lite0', precision: 'fp32' });
  const after = await models();
  assert.equal(allChoices(after).map(nameOf)[0], 'efficientnet-lite0:fp32');
  assert.deepEqual(precisions(after), ['fp32', 'int8']);
});

test('as many can be compared as the service keeps in memory with what answers now, and four at most', async (t) => {
  const { http } = await serviceFor(t, { loadedModels: 2 });
  const models = (await http.inject('/api/v1/models')).json<Models>();
  const [active, ...others] = allChoices(models);
  assert.ok(active);
  assert.equal(canCompare(models, [active, ...others.slice(0, 1)]), true);
  assert.equal(canCompare(models, others.slice(0, 1)), true);
  assert.equal(canCompare(models, others.slice(0, 2)), false);
  assert.equal(canCompare(models, [active, ...others.slice(0, 2)]), false);
  const roomy = { ...models, memory: { ...models.memory, limitModels: 9 } };
  assert.equal(canCompare(roomy, Array(4).fill(active)), true);
  assert.equal(canCompare(roomy, Array(5).fill(active)), false);
});
