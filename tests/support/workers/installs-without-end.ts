/** A process that replaces the model `mine@1` of a data directory again and again until it is killed. */
import { createRegistry } from '#kaiyan/models/registry.js';
import { installable } from '../installing.js';

const registry = createRegistry(process.argv[2] as string);
const versions = await Promise.all([1, 2].map((content) => installable('mine', '1', content)));
process.stdout.write('ready\n');
for (let turn = 0; ; turn++) {
  const { manifest, fill } = versions[turn % 2] as (typeof versions)[number];
  await registry.install(manifest, fill, { replace: true });
}
