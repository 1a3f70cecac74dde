/** A process that keeps one corrected picture after the other in a data directory until it is killed, and says which. */
import { createCorrections } from '#kaiyan/corrections/store.js';
import { gifOf } from '../corrections.js';

const [home = '', round = ''] = process.argv.slice(2);
const corrections = createCorrections({ home, correctionBytes: 1e9 });
process.stdout.write('ready\n');
for (let turn = 0; ; turn++) {
  const said = { label: `${round}-${turn}`, predicted: null, probability: null, model: null };
  const { id } = await corrections.keep(gifOf(`${round}-${turn}`), said);
  process.stdout.write(`${id}\n`);
}
