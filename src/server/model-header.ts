/** Every answer says which model gave it. */
import type { FastifyReply } from 'fastify';
import type { ModelIdentity } from '../classification/classification.js';

export const MODEL_HEADER = 'Kaiyan-Model';

export function nameModel(reply: FastifyReply, { name, version, digest }: ModelIdentity): void {
  reply.header(MODEL_HEADER, `${name}@${version}+${digest}`);
}
