/** Pictures that are chosen, dropped or pasted come into the collection; what finds no room there is told. */
import { useNotice } from '../components/toast.tsx';
import { messages, useWords } from '../i18n/i18n.ts';
import { useArrivals } from './arrivals.ts';
import { addPictures, MOST_PICTURES, useCollection } from './collection.ts';
import styles from './taking.module.css';

const takingMessages = messages(
  'taking',
  {
    nothingPasted: 'There is no picture on the clipboard.',
    leftOut_one: 'One file was left out: there is room for {{most}} at a time. Batch takes thousands.',
    leftOut_other: '{{count}} files were left out: there is room for {{most}} at a time. Batch takes thousands.',
  },
  {
    nothingPasted: '剪贴板里没有图片。',
    leftOut_other: '有 {{count}} 个文件没有加入：这里一次最多 {{most}} 张，更多请用“批量”。',
  },
);

/** `dragging` as `useArrivals` gives it. */
export function useTaking() {
  const say = useWords(takingMessages);
  const notice = useNotice();
  const take = (files: readonly File[]) => {
    const count = addPictures(files);
    if (count > 0) notice(say('leftOut', { count, most: MOST_PICTURES }));
  };
  const dragging = useArrivals({ onFiles: take, onNothing: () => notice(say('nothingPasted')) });
  return { take, dragging };
}

/** To be read again when the notice has gone, until the next pictures come. */
export function LeftOut() {
  const say = useWords(takingMessages);
  const { leftOut: count } = useCollection();
  return count > 0 && <p className={styles.leftOut}>{say('leftOut', { count, most: MOST_PICTURES })}</p>;
}
