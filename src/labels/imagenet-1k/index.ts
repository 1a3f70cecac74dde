/** The labels of ImageNet-1k. */
import { createLabelSet } from '../label-set.js';
import { categories } from './categories.js';
import { classes } from './classes.js';
import { groups } from './groups.js';

export const imagenet1k = createLabelSet('imagenet-1k', classes, categories, groups);
