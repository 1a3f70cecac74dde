/** `/api/v1/datasets`: pictures of people's own classes, kept on this machine to be learned. */
import type { FastifyInstance } from 'fastify';
import type { Settings } from '../../config.js';
import type { KeptDatasets } from '../../dataset/kept/datasets.js';
import { classRoutes } from './datasets/classes.js';
import { datasetPictureRoutes } from './datasets/pictures.js';
import { wholeDatasetRoutes } from './datasets/whole.js';

export async function datasetRoutes(app: FastifyInstance, datasets: KeptDatasets, settings: Settings): Promise<void> {
  await wholeDatasetRoutes(app, datasets);
  await classRoutes(app, datasets);
  await datasetPictureRoutes(app, datasets, settings);
}
