/** `POST /predict`: one picture as the multipart field `image`, answered with its three best classes in percent. */
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Classifier } from '../../classification/classifier.js';
import { AppError } from '../../errors.js';
import type { Language } from '../../labels/label-set.js';
import { expectedBytes, readImage } from '../upload.js';

const TOP = 3;

export function predictRoute(app: FastifyInstance, classifier: Classifier): void {
  const { maxBytes } = classifier;
  app.post<{ Querystring: { lang?: string } }>('/predict', async (request, reply) => {
    const lang = languageOf(request.query.lang);
    const signal = clientGone(reply);
    const place = classifier.admit(expectedBytes(request, maxBytes));
    try {
      const bytes = await readImage(request, place, maxBytes);
      const options = { top: TOP, signal, place, ...(lang && { lang }) };
      const { model, predictions } = await classifier.classify(bytes, options);
      reply.header('Kaiyan-Model', `${model.name}@${model.version}+${model.digest}`);
      return predictions.map(({ label, probability }) => ({
        label,
        confidence: Math.round(probability * 10_000) / 100,
      }));
    } finally {
      place.leave();
    }
  });
}

function languageOf(lang: string | undefined): Language | undefined {
  if (lang === undefined || lang === 'en' || lang === 'zh') return lang;
  throw new AppError('REQUEST_INVALID', {
    problem: `Expected lang to be en or zh, but got "${lang}". Leave it out for the language of the service.`,
  });
}

function clientGone({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController();
  raw.once('close', () => {
    if (!raw.writableFinished) gone.abort();
  });
  return gone.signal;
}
