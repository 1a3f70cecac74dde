/** Opens the system's choice of pictures. */
import { ImagePlus } from 'lucide-react';
import { FileButton, type FileButtonProps } from '../components/button.tsx';
import { PICTURE_FILES } from './formats.ts';

export const PicturesButton = (button: Omit<FileButtonProps, 'icon' | 'accept'>) => (
  <FileButton icon={ImagePlus} accept={PICTURE_FILES} {...button} />
);
