/** The camera: point it at something, and read what it is. */
import { Smartphone } from 'lucide-react';
import { useState } from 'react';
import { cameraMessages } from '../../camera/messages.ts';
import { NotSecure } from '../../camera/not-secure.tsx';
import { Button } from '../../components/button.tsx';
import { Page } from '../../components/page.tsx';
import { useWords } from '../../i18n/i18n.ts';
import styles from './page.module.css';
import { PhoneDialog } from './phone-dialog.tsx';
import { Viewer } from './viewer.tsx';

export default function CameraPage() {
  const say = useWords(cameraMessages);
  const [phone, setPhone] = useState(false);
  return (
    <Page
      title={say('title')}
      intro={say('intro')}
      actions={
        <Button icon={Smartphone} className={styles.phone} onClick={() => setPhone(true)}>
          {say('phone')}
        </Button>
      }
    >
      {window.isSecureContext ? <Viewer /> : <NotSecure />}
      <PhoneDialog open={phone} onClose={() => setPhone(false)} />
    </Page>
  );
}
