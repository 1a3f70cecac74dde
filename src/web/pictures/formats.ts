/** What a choice of files offers: the formats that the service reads, some of which systems do not know as pictures. */
export const PICTURE_FILES = 'image/*,.avif,.bmp,.heic,.heif,.tif,.tiff,.webp';

const PICTURE = /\.(jpe?g|png|webp|gif|tiff?|avif|bmp|heic|heif)$/i;

/** Whether a file is called as pictures are, as the service goes by in folders. */
export const isPictureName = (name: string): boolean => PICTURE.test(name);

/** Hidden, or what systems put beside pictures; `name` may have folders. */
export const isHidden = (name: string): boolean =>
  name.split('/').some((part) => part.startsWith('.') || part === '__MACOSX');
