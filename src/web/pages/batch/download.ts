/** All results of a job as a file: those that the service makes, and JSON, which is made here of its lines. */
import { callForBlob } from '../../api/call.ts';
import { addressOfJob } from './following.ts';

export type Format = 'csv' | 'jsonl' | 'json';

export const addressOfDownload = (id: string, format: 'csv' | 'jsonl'): string =>
  `${addressOfJob(id)}/results.${format}`;

/** As the service names its own. */
export const nameOfDownload = (id: string, format: Format): string => `job-${id}.${format}`;

/** @throws CallError */
export async function download(id: string, format: Format): Promise<Blob> {
  if (format !== 'json') return callForBlob(addressOfDownload(id, format));
  const lines = await callForBlob(addressOfDownload(id, 'jsonl'));
  return new Blob([jsonOf(await lines.text())], { type: 'application/json' });
}

/** A list of what has a line each. */
const jsonOf = (lines: string): string => `[\n${lines.trimEnd().replaceAll('\n', ',\n')}\n]\n`;
