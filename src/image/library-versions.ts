/** The versions of the libraries that decode pictures. */
import sharp from 'sharp';

export const libraryVersions = { sharp: sharp.versions.sharp ?? 'unknown', libvips: sharp.versions.vips };
