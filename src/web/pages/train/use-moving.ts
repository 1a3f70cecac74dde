/** Puts pictures into another class of their data set. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { manageSilently } from '../../api/manage.ts';
import type { DatasetPicture } from '../../api/training-types.ts';
import { useNotice } from '../../components/toast.tsx';
import { useWords } from '../../i18n/i18n.ts';
import { addressOfPicture } from './addresses.ts';
import { datasetMessages } from './dataset-messages.ts';
import { refreshDataset, showMoved } from './use-dataset.ts';

interface Moving {
  readonly pictures: readonly DatasetPicture[];
  readonly label: string;
}

/** To be seen at once; what could not be moved is back where it was. */
export function useMoving(dataset: string): (pictures: readonly DatasetPicture[], label: string) => void {
  const say = useWords(datasetMessages);
  const notice = useNotice();
  const queries = useQueryClient();
  const moving = useMutation({
    mutationFn: async ({ pictures, label }: Moving) => {
      for (const { id } of pictures)
        await manageSilently(addressOfPicture(dataset, id), { method: 'PATCH', json: { label } });
    },
    onMutate: ({ pictures, label }) => showMoved(queries, dataset, pictures, label),
    onSuccess: (_nothing, { pictures, label }) => notice(say('moved', { count: pictures.length, label })),
    onError: () => notice(say('notMoved')),
    onSettled: () => refreshDataset(queries, dataset),
  });
  return (pictures, label) => moving.mutate({ pictures, label });
}
