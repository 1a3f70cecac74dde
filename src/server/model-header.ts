/** Every answer says which model gave it, or which models. */
import type { FastifyReply } from 'fastify';
import type { ModelIdentity } from '../classification/classification.js';

export const MODEL_HEADER = 'Kaiyan-Model';

/** Several, in their order, where several answered together. */
export function nameModel(reply: FastifyReply, ...models: readonly ModelIdentity[]): void {
  reply.header(MODEL_HEADER, models.map(({ name, version, digest }) => `${name}@${version}+${digest}`).join(', '));
}
