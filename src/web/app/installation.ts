/** The page as an app: kept by the browser so that it opens without the service, and put among the apps by those who want it. */
import { useSyncExternalStore } from 'react';

/** Chromium's offer; other browsers have it in their menus only. */
interface InstallOffer extends Event {
  readonly prompt: () => Promise<unknown>;
}

let offer: InstallOffer | undefined;
const listeners = new Set<() => void>();

/** To be called once, before the page is drawn. */
export function becomeInstallable(): void {
  window.addEventListener('beforeinstallprompt', (event) => {
    event.preventDefault();
    change(event as InstallOffer);
  });
  window.addEventListener('appinstalled', () => change(undefined));
  // Only at a secure address is there one; a page that is being developed changes too often to be kept.
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  // What it fetches may not keep the first page waiting; a browser that refuses it shows the page all the same.
  const register = () => void navigator.serviceWorker.register('sw.js').catch(() => undefined);
  window.addEventListener('load', register);
}

export interface Installation {
  /** Whether the browser would install the page when asked now. */
  readonly canInstall: boolean;
  readonly install: () => void;
}

export const useInstallation = (): Installation => ({
  canInstall: useSyncExternalStore(subscribe, () => offer !== undefined),
  install,
});

function install(): void {
  void offer?.prompt();
  // An offer can be taken up once; the browser makes another.
  change(undefined);
}

function change(next: InstallOffer | undefined): void {
  offer = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
