/** How to open the camera on a phone of the same network: a code to scan, and what the phone will warn of. */
import { useState } from 'react';
import { useService } from '../../api/service.ts';
import type { Service } from '../../api/types.ts';
import { phoneAddresses, SERVE_COMMAND } from '../../camera/addresses.ts';
import { cameraMessages } from '../../camera/messages.ts';
import { Dialog } from '../../components/dialog.tsx';
import { Problem } from '../../components/problem.tsx';
import { Segmented } from '../../components/segmented.tsx';
import { useWords } from '../../i18n/i18n.ts';
import styles from './phone-dialog.module.css';
import { qrPath } from './qr.ts';

interface PhoneDialogProps {
  readonly open: boolean;
  readonly onClose: () => void;
}

export function PhoneDialog({ open, onClose }: PhoneDialogProps) {
  const say = useWords(cameraMessages);
  return (
    <Dialog title={say('phone')} open={open} onClose={onClose}>
      <Content />
    </Dialog>
  );
}

function Content() {
  const { data, error, refetch } = useService();
  if (error) return <Problem error={error} onRetry={() => void refetch()} />;
  return data && <Addresses service={data} />;
}

function Addresses({ service }: { readonly service: Service }) {
  const say = useWords(cameraMessages);
  const [chosen, choose] = useState(0);
  const addresses = phoneAddresses(window.location, service);
  const address = addresses[chosen] ?? addresses[0];
  if (address === undefined) return <Restart words={say('notReachable')} />;
  if (!address.startsWith('https:')) return <Restart words={say('notEncrypted')} />;
  return (
    <div className={styles.addresses}>
      <QrCode address={address} label={say('code', { address })} />
      <div className={styles.words}>
        <p>{say('scan')}</p>
        {addresses.length > 1 && (
          <Segmented
            label={say('network')}
            labelShown
            value={String(chosen)}
            options={addresses.map((one, at) => ({ value: String(at), label: new URL(one).hostname }))}
            onChange={(at) => choose(Number(at))}
          />
        )}
        <p>
          <a href={address}>{address}</a>
        </p>
      </div>
      {service.fingerprint && (
        <div className={styles.fingerprint}>
          <p>{say('warning')}</p>
          <p>{say('fingerprint')}</p>
          <Fingerprint bytes={service.fingerprint.split(':')} />
        </div>
      )}
    </div>
  );
}

/** In two lines of sixteen bytes: it is compared byte by byte. */
function Fingerprint({ bytes }: { readonly bytes: readonly string[] }) {
  return (
    <code>
      {bytes.slice(0, 16).join(':')}:<wbr />
      {bytes.slice(16).join(':')}
    </code>
  );
}

/** What the operator has to do first. */
function Restart({ words }: { readonly words: string }) {
  const say = useWords(cameraMessages);
  return (
    <div className={styles.words}>
      <p>{words}</p>
      <p>{say('restart')}</p>
      <code className={styles.command}>{SERVE_COMMAND}</code>
      <p className={styles.quiet}>{say('restartRisk')}</p>
    </div>
  );
}

/** Always dark on light: scanners want it so. */
function QrCode({ address, label }: { readonly address: string; readonly label: string }) {
  const { size, path } = qrPath(address);
  return (
    <svg
      className={styles.code}
      viewBox={`0 0 ${size} ${size}`}
      role="img"
      aria-label={label}
      shapeRendering="crispEdges"
    >
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}
