/** `POST /predict`: one picture as the multipart field `image`, answered with its three best classes in percent. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Classifier } from '../../classification/classifier.js';
import { AppError } from '../../errors.js';
import type { Language } from '../../labels/label-set.js';

const TOP = 3;

export function predictRoute(app: FastifyInstance, classifier: Classifier): void {
  app.post<{ Querystring: { lang?: string } }>('/predict', async (request, reply) => {
    const lang = languageOf(request.query.lang);
    const bytes = await uploadedImage(request);
    const gone = new AbortController();
    reply.raw.once('close', () => {
      if (!reply.raw.writableFinished) gone.abort();
    });
    const { model, predictions } = await classifier.classify(bytes, {
      top: TOP,
      signal: gone.signal,
      ...(lang && { lang }),
    });
    reply.header('Kaiyan-Model', `${model.name}@${model.version}+${model.digest}`);
    return predictions.map(({ label, probability }) => ({ label, confidence: Math.round(probability * 10_000) / 100 }));
  });
}

function languageOf(lang: string | undefined): Language | undefined {
  if (lang === undefined || lang === 'en' || lang === 'zh') return lang;
  throw new AppError('REQUEST_INVALID', {
    problem: `Expected lang to be en or zh, but got "${lang}". Leave it out for the language of the service.`,
  });
}

async function uploadedImage(request: FastifyRequest): Promise<Buffer> {
  if (!request.isMultipart()) throw new AppError('IMAGE_MISSING', {});
  try {
    for await (const part of request.parts()) {
      if (part.type === 'file' && part.fieldname === 'image') return await part.toBuffer();
      if (part.type === 'file') part.file.resume();
    }
  } catch (error) {
    const problem = `The form cannot be read (${(error as Error).message}). Send one picture as the multipart field "image".`;
    throw new AppError('REQUEST_INVALID', { problem });
  }
  throw new AppError('IMAGE_MISSING', {});
}
