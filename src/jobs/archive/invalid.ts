/** Why an archive is refused. Its names are not repeated: they may say what the pictures show. */
import { AppError } from '../../errors.js';

export const invalid = (reason: string): AppError => new AppError('ARCHIVE_INVALID', { reason });

/** For what yauzl and zlib throw; what the system says of a file, our own errors and mistakes stay what they are. */
export function asInvalid(thrown: unknown): unknown {
  if (!(thrown instanceof Error) || thrown instanceof AppError || thrown instanceof TypeError || 'syscall' in thrown)
    return thrown;
  const [reason] = thrown.message.split('. ');
  return new AppError('ARCHIVE_INVALID', { reason: `it is damaged or cut off (${reason})` }, { cause: thrown });
}
