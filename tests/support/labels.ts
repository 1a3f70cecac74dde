/** A small world of labels, for tests that work out answers by hand. */
import { createLabelSet } from '#kaiyan/labels/label-set.js';

/** Seven classes: 0 tabby, 1 Siamese, 2 wolf, 3 poodle, 4 car, 5 truck, 6 boat. */
export const fewLabels = createLabelSet(
  'few',
  [
    ['n0', 'tabby', '虎斑猫'],
    ['n1', 'Siamese', '暹罗猫'],
    ['n2', 'wolf', '狼'],
    ['n3', 'poodle', '贵宾犬'],
    ['n4', 'car', '小汽车'],
    ['n5', 'truck', '卡车'],
    [null, 'boat', '船'],
  ],
  [
    { key: 'pet', en: 'pet', zh: '宠物', classes: '0-1 3' },
    { key: 'vehicle', en: 'vehicle', zh: '车辆', classes: '4-5' },
    { key: 'nothing-likely', en: 'boat', zh: '船', classes: '6' },
  ],
  [
    { key: 'animal', en: 'animal', zh: '动物', classes: '0-3' },
    { key: 'cat', en: 'cat', zh: '猫', classes: '0 1' },
    { key: 'canine', en: 'dog or wolf', zh: '犬科动物', classes: '2-3' },
    { key: 'road-vehicle', en: 'car or truck', zh: '汽车', classes: '4 5' },
  ],
);
