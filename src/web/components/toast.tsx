/** Short notices that go by themselves, the last one only, and are read out: `useNotice()('Copied')`. */
import { Toast } from '@base-ui/react/toast';
import { type ReactNode, useCallback } from 'react';
import styles from './toast.module.css';

const SHOWN_MS = 4000;
/** Of all of them: so the next one takes the place of the one before, and does not cover more of the page. */
const ID = 'notice';

export function Notices({ children }: { readonly children: ReactNode }) {
  return (
    <Toast.Provider timeout={SHOWN_MS}>
      {children}
      <Toast.Portal>
        <Toast.Viewport className={styles.viewport}>
          <Shown />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  );
}

function Shown() {
  const { toasts } = Toast.useToastManager();
  return toasts.map((toast) => (
    <Toast.Root key={toast.id} toast={toast} className={styles.toast}>
      <Toast.Title className={styles.words} render={<p />} />
    </Toast.Root>
  ));
}

export function useNotice(): (words: string) => void {
  const { add } = Toast.useToastManager();
  return useCallback((words: string) => void add({ id: ID, title: words }), [add]);
}
