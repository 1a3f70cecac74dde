/** A process that trains, as the service sees it: what it does is the name of the model that it is to make. */
import type { FromTraining, Order, ToTraining } from '#kaiyan/training/runs/protocol.js';

const tell = (message: FromTraining) => process.send?.(message);
/** The last words. */
const end = (message: FromTraining) => process.send?.(message, undefined, undefined, () => process.exit());

const point = (epoch: number) => {
  const figures = { epoch, loss: 1 / epoch, accuracy: 0.5, validationLoss: 1, validationAccuracy: 0.5 };
  tell({ kind: 'point', point: figures, epochs: 3, best: epoch === 2 });
};

const finding = {
  kind: 'outlier',
  pictures: ['a.jpg'],
  classes: ['a'],
  message: 'It is odd.',
  messageZh: '有点怪。',
} as const;

function succeed(order: Order, stopped: boolean): void {
  const result = {
    ...{ model: `${order.options.output}@1`, pictures: 4, classes: 2, crossValidated: 0.75 },
    ...{ validation: { pictures: 1, top1: 1, loss: 0.1 }, int8: null },
  };
  end({ kind: 'outcome', outcome: { stopped, result, comparison: null } });
}

function begin(order: Order): void {
  const { output, resume } = order.options;
  tell({ kind: 'progress', phase: 'embedding', done: 1, total: 2, secondsLeft: null });
  if (output === 'quick') {
    for (const epoch of resume ? [2, 3] : [1, 2, 3]) point(epoch);
    tell({ kind: 'finding', finding });
    succeed(order, false);
  } else if (output === 'dies') {
    process.stderr.write('something terrible\n');
    process.exit(3);
  } else if (output === 'refuses') {
    end({ kind: 'failed', code: 'DATASET_INVALID', error: 'Expected pictures, but there are none. Add some.' });
  } else {
    point(1);
    // What is asked to stop, and does not do it, is ended.
    if (output === 'waits') process.on('message', () => succeed(order, true));
  }
}

process.once('message', (message) => {
  const told = message as ToTraining;
  if (told.kind === 'begin') begin(told.order);
});
process.once('disconnect', () => process.exit());
