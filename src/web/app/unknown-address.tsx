/** Where there is no page, the first one comes, and says why. */
import { useEffect } from 'react';
import { Redirect } from 'wouter';
import { useNotice } from '../components/toast.tsx';
import { useWords } from '../i18n/i18n.ts';
import { shellMessages } from './shell-messages.ts';

export function UnknownAddress() {
  const say = useWords(shellMessages);
  const notice = useNotice();
  useEffect(() => notice(say('unknownAddress')), [notice, say]);
  return <Redirect to="/" replace />;
}
