/** `kaiyan models use --url`: tells a running service which model is to answer. */
import { type Configuration, flagOf } from '../../config.js';
import { visible } from '../output.js';
import { callService } from '../service-call.js';

/**
 * Prints what the service answers: the model that it now uses.
 * @throws AppError USAGE, SERVICE_UNREACHABLE, SERVICE_REFUSED
 */
export async function useModelElsewhere(
  model: string,
  url: string,
  { settings, sources }: Configuration,
): Promise<void> {
  const { precision } = settings;
  const body = { model, ...(sources.precision === flagOf('precision') && { precision }) };
  const text = await callService(url, { method: 'PUT', path: 'models/active', body }, settings, 'digest');
  process.stdout.write(`${visible(text)}\n`);
}
