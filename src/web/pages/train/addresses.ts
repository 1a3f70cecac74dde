/** Where the service has data sets and trainings. */

export const DATASETS = 'api/v1/datasets';
export const TRAININGS = 'api/v1/trainings';

export const addressOfDataset = (name: string): string => `${DATASETS}/${encodeURIComponent(name)}`;
export const addressOfClasses = (name: string): string => `${addressOfDataset(name)}/classes`;
export const addressOfPictures = (name: string): string => `${addressOfDataset(name)}/pictures`;
export const addressOfPicture = (name: string, id: string): string =>
  `${addressOfPictures(name)}/${encodeURIComponent(id)}`;
export const addressOfThumbnail = (name: string, id: string): string => `${addressOfPicture(name, id)}/thumbnail`;

export const addressOfTraining = (id: string): string => `${TRAININGS}/${encodeURIComponent(id)}`;
export const addressOfReport = (id: string, language: string): string =>
  `${addressOfTraining(id)}/report?lang=${language}`;
export const addressOfArchive = (model: string): string => `api/v1/models/${encodeURIComponent(model)}/archive`;
