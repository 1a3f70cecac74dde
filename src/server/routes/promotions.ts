/** `/api/v1/promotions`: a model takes over for good, or gives way to the one before it, and the record of that. */
import type { FastifyInstance } from 'fastify';
import type { InferOutput } from 'valibot';
import type { ErrorCode } from '../../errors.js';
import type { Promoter } from '../../serving/promoting.js';
import type { AnswerOf } from '../contract.js';
import { MOST_PROMOTIONS, promotionAnswer, promotionBody, promotionsAnswer } from '../correction-contract.js';
import { withJsonBody } from '../json-body.js';

const tags = ['Models'];
const READ: readonly ErrorCode[] = ['MANAGEMENT_REFUSED', 'FILE_UNREADABLE'];
const SWAPPED: readonly ErrorCode[] = [
  ...READ,
  ...(['MODEL_NOT_FOUND', 'MODEL_TOO_LARGE', 'ACTIVATION_FAILED'] as const),
  ...(['DISK_FULL', 'ORIGIN_REFUSED'] as const),
];

interface OnePromotion {
  readonly Reply: AnswerOf<typeof promotionAnswer>;
}

export async function promotionRoutes(app: FastifyInstance, promoter: Promoter): Promise<void> {
  app.get<{ Reply: AnswerOf<typeof promotionsAnswer> }>(
    '/api/v1/promotions',
    {
      config: { access: 'manager', errors: READ },
      schema: {
        operationId: 'listPromotions',
        summary: 'Which models took over from which, when, and which one a rollback leads to.',
        tags,
        response: { 200: promotionsAnswer },
      },
    },
    async () => {
      const { promotions, rollback } = await promoter.list();
      return { promotions: promotions.slice(0, MOST_PROMOTIONS), rollback };
    },
  );

  app.post<OnePromotion>(
    '/api/v1/promotions/rollback',
    {
      config: { access: 'manager', errors: [...SWAPPED, 'NOTHING_TO_ROLL_BACK'] },
      schema: {
        operationId: 'rollBack',
        summary: 'Has the model answer again that the last change replaced, also after the next start.',
        tags,
        response: { 200: promotionAnswer },
      },
    },
    async () => ({ promotion: await promoter.rollBack() }),
  );

  await withJsonBody(app, (scope) => {
    scope.post<OnePromotion & { Body: InferOutput<typeof promotionBody> }>(
      '/api/v1/promotions',
      {
        config: { access: 'manager', errors: SWAPPED },
        schema: {
          operationId: 'promote',
          summary: 'Loads a model, checks it, and lets it answer from now on, also after the next start.',
          description:
            'Requests in work keep their model. It is recorded, and can be taken back. Where the model was promoted already and answers, nothing changes, and that promotion is the answer.',
          tags,
          body: promotionBody,
          response: { 200: promotionAnswer },
        },
      },
      async ({ body: { model, training = null } }) => ({ promotion: await promoter.promote(model, training) }),
    );
  });
}
