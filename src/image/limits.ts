/** The errors for pictures that are too large, with sizes that a person can compare. */
import { AppError } from '../errors.js';

export function tooManyBytes(bytes: number, maxBytes: number): AppError {
  const rounded = [bytes, maxBytes].map((count) => `${Number((count / 1e6).toPrecision(3))} MB`);
  const [actual, limit] = rounded as [string, string];
  return new AppError('IMAGE_TOO_LARGE', {
    actual: actual === limit ? `${bytes} bytes` : actual,
    limit,
    setting: 'maxBytes',
  });
}

export function tooManyPixels(width: number, height: number, maxPixels: number): AppError {
  return new AppError('IMAGE_TOO_LARGE', {
    actual: `${width} × ${height} pixels (${megapixels(width * height)} megapixels)`,
    limit: `${megapixels(maxPixels)} megapixels`,
    setting: 'maxPixels',
  });
}

const megapixels = (pixels: number) => Number((pixels / 1e6).toPrecision(3));
