/** What bounds the decoding of pictures. */
import type { Settings } from '../config.js';

export interface DecodeOptions {
  /** Largest file accepted, in bytes. */
  readonly maxBytes: number;
  /** Largest picture accepted, in pixels. */
  readonly maxPixels: number;
  /** Decoded pictures held at once, in pixels: those being decoded and those not yet released. */
  readonly maxPixelsInFlight: number;
  /** Pictures that sharp decodes at once. */
  readonly slots: number;
  /** A picture that takes longer is refused. */
  readonly timeoutSeconds: number;
  /** `ignore` gives the stored values, as Pillow and TorchVision do; `apply` converts an embedded profile to sRGB. */
  readonly iccProfiles: 'ignore' | 'apply';
}

/** As the settings say; `slots` pictures at once. */
export function decodeOptions(settings: Settings, slots: number): DecodeOptions {
  const { maxBytes, maxPixels, maxPixelsInFlight, decodeTimeoutSeconds, iccProfiles } = settings;
  return { maxBytes, maxPixels, maxPixelsInFlight, slots, timeoutSeconds: decodeTimeoutSeconds, iccProfiles };
}
