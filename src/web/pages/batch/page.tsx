/** Many pictures: hand them over, and see what is on the service. */
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { useService } from '../../api/service.ts';
import { Page } from '../../components/page.tsx';
import { useNotice } from '../../components/toast.tsx';
import { useWords } from '../../i18n/i18n.ts';
import { useArrivals } from '../../pictures/arrivals.ts';
import { droppedFrom } from '../../pictures/chosen-files.ts';
import { Chooser } from './chooser.tsx';
import { JobList } from './job-list.tsx';
import { batchMessages } from './messages.ts';
import { addFiles, send, useOutbox } from './outbox.ts';
import { Parcel } from './parcel.tsx';
import { isEmpty } from './selection.ts';

export default function BatchPage() {
  const say = useWords(batchMessages);
  const notice = useNotice();
  const queries = useQueryClient();
  const [, open] = useLocation();
  const { selection, sending } = useOutbox();
  /** How many drops are being looked through. */
  const [reading, setReading] = useState(0);
  const isReading = reading > 0;
  const isDragging = useArrivals({
    onFiles: async (_files, transfer) => {
      setReading((count) => count + 1);
      const dropped = await droppedFrom(transfer);
      setReading((count) => count - 1);
      if (!addFiles(dropped)) notice(say('notNow'));
    },
  });
  const { data: service } = useService();
  const isHere = useRef(true);
  useEffect(() => {
    isHere.current = true;
    return () => {
      isHere.current = false;
    };
  }, []);
  const start = async () => {
    const jobs = await send(service?.limits);
    await queries.invalidateQueries({ queryKey: ['jobs'] });
    // Who went on to another page stays there.
    if (!jobs || !isHere.current) return;
    const [only] = jobs;
    if (only && jobs.length === 1) open(`/batch/${only.id}`);
    else notice(say('accepted', { count: jobs.length }));
  };
  return (
    <Page title={say('title')} intro={say('intro')}>
      {isEmpty(selection) && !sending ? (
        <Chooser isDragging={isDragging} isReading={isReading} />
      ) : (
        <Parcel isDragging={isDragging && !sending} isReading={isReading} limits={service?.limits} onSend={start} />
      )}
      <JobList />
    </Page>
  );
}
