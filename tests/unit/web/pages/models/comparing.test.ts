import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { agreementOf, answersIn, byInterest, type Compared, medianTimeOf } from '#page/pages/models/comparing.js';
import { multipart } from '../../../../support/http.js';
import { examples } from '../../../../support/paths.js';
import { serviceFor } from '../../../../support/service.js';

const MODELS = 'efficientnet-lite0:int8,efficientnet-lite2:int8';

test('pictures that are compared one by one come to what the service makes of all of them', async (t) => {
  const { http } = await serviceFor(t);
  const pictures = await Promise.all(
    ['alps.jpg', 'chelsea.png', 'coffee.png'].map((name) => readFile(path.join(examples, name))),
  );
  const compare = async (...contents: Buffer[]) => {
    const form = multipart(...contents.map((content) => ({ field: 'image', content, filename: 'a' })));
    const answer = await http.inject({ method: 'POST', url: `/api/v1/compare?models=${MODELS}`, ...form });
    return answer.json<NonNullable<Compared>>();
  };
  const together = await compare(...pictures);
  const alone: Compared[] = [];
  for (const picture of pictures) alone.push(await compare(picture));

  const rounded = (matrix: readonly (readonly (number | null)[])[]) =>
    matrix.map((row) => row.map((share) => share?.toFixed(6)));
  assert.deepEqual(rounded(agreementOf([...alone, undefined], 2)), rounded(together.agreement));
  assert.equal(agreementOf(alone, 2)[0]?.[1]?.toFixed(3), '0.667');
  assert.deepEqual(
    alone.map((one) => answersIn(one)?.agreed),
    [true, false, true],
  );
  assert.deepEqual(byInterest([alone[0], alone[1], undefined, alone[2]]), [1, 2, 0, 3]);
  const times = alone.map((one) => answersIn(one)?.answers[1]?.timing.inferenceMs ?? 0);
  assert.equal(medianTimeOf([...alone, undefined], 1), times.toSorted((one, other) => one - other)[1]);
});

test('where nothing was answered there is neither agreement nor time', () => {
  assert.deepEqual(agreementOf([undefined], 2), [
    [null, null],
    [null, null],
  ]);
  assert.equal(medianTimeOf([undefined], 0), undefined);
});
