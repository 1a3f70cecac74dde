/** Numbers for Prometheus: `GET /metrics`. */
import type { FastifyInstance } from 'fastify';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import * as v from 'valibot';
import type { Classification } from '../classification/classification.js';
import type { Jobs } from '../jobs/jobs.js';
import type { Serving } from '../serving/serving.js';
import { measureJobs } from './job-metrics.js';

export interface Metrics {
  /** A picture was answered. */
  readonly classified: (classification: Pick<Classification, 'timing'>) => void;
  /** A request was refused, or one of its pictures. */
  readonly failed: (code: string) => void;
  readonly requestEnded: (request: EndedRequest) => void;
  readonly addRoute: () => void;
}

interface EndedRequest {
  readonly route: string;
  readonly method: string;
  /** 499 for a client that left. */
  readonly status: number;
  readonly ms: number;
}

/** Seconds: from what a small picture takes to what nobody waits for. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export function createMetrics(app: FastifyInstance, serving: Serving, jobs: Jobs): Metrics {
  const registry = new Registry();
  const shared = { registers: [registry] };
  collectDefaultMetrics({ register: registry });
  const requests = new Counter({
    ...shared,
    name: 'kaiyan_http_requests_total',
    help: 'Requests by route, method and status; 499 for a client that left.',
    labelNames: ['route', 'method', 'status'],
  });
  const duration = new Histogram({
    ...shared,
    name: 'kaiyan_http_request_duration_seconds',
    help: 'From the head of a request to the end of its answer.',
    labelNames: ['route'],
    buckets: BUCKETS,
  });
  const answers = new Counter({
    ...shared,
    name: 'kaiyan_answers_total',
    help: 'Answers by their code: ok for a picture that was classified, else that of the error.',
    labelNames: ['code'],
  });
  const stages = (['queue', 'decode', 'inference'] as const).map((stage) => {
    const help = {
      queue: 'Time that pictures waited.',
      decode: 'Time to decode.',
      inference: 'Time to resample and run.',
    };
    const name = `kaiyan_${stage}_seconds`;
    return [stage, new Histogram({ ...shared, name, help: help[stage], buckets: BUCKETS })] as const;
  });
  const gauge = (name: string, help: string, value: () => number) =>
    new Gauge({
      ...{ ...shared, name, help },
      collect() {
        this.set(value());
      },
    });
  gauge('kaiyan_queue_pictures', 'Pictures in hand.', () => serving.load().pictures);
  gauge('kaiyan_queue_pictures_limit', 'Pictures in hand at most, as things are.', () => serving.load().mostPictures);
  gauge('kaiyan_queue_bytes', 'Bytes of pictures held, arriving ones too.', () => serving.load().bytes);
  gauge('kaiyan_queue_bytes_limit', 'Bytes of pictures held at most.', () => serving.load().mostBytes);
  new Gauge({
    ...{
      ...shared,
      name: 'kaiyan_model_loaded',
      help: 'Models in memory; the active one answers without being named.',
    },
    labelNames: ['name', 'version', 'precision', 'digest', 'active'],
    collect() {
      this.reset();
      for (const { name, version, precision, digest, active } of serving.loaded())
        this.set({ name, version, precision, digest, active: String(active) }, 1);
    },
  });
  gauge('kaiyan_model_memory_bytes', 'What the models in memory take, as estimated.', () =>
    serving.loaded().reduce((sum, { memoryBytes }) => sum + memoryBytes, 0),
  );
  measureJobs(registry, jobs);

  return {
    classified: ({ timing }) => {
      answers.inc({ code: 'ok' });
      for (const [stage, histogram] of stages) histogram.observe(timing[`${stage}Ms`] / 1000);
    },
    failed: (code) => answers.inc({ code }),
    requestEnded: ({ route, method, status, ms }) => {
      requests.inc({ route, method, status });
      if (status !== 499) duration.observe({ route }, ms / 1000);
    },
    addRoute: () => {
      const schema = { summary: 'Numbers for Prometheus.', tags: ['Health'], response: { 200: v.string() } };
      app.get('/metrics', { schema, config: { produces: 'text/plain' } }, async (_request, reply) => {
        reply.type(registry.contentType).serializer(String);
        return registry.metrics();
      });
    },
  };
}
