/** What a choice of files offers: the formats that the service reads, some of which systems do not know as pictures. */
export const PICTURE_FILES = 'image/*,.avif,.bmp,.heic,.heif,.tif,.tiff,.webp';
