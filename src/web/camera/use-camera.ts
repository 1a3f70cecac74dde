/** The camera of this device: whether it is on, which one it is, and why it is not. */
import { useEffect, useRef, useState } from 'react';
import { type CameraProblem, problemOf } from './camera-errors.ts';

export interface Camera {
  readonly state:
    | { readonly kind: 'off' | 'starting' }
    | { readonly kind: 'on'; readonly stream: MediaStream; readonly id: string; readonly facesPerson: boolean }
    | { readonly kind: 'failed'; readonly problem: CameraProblem };
  /** Those there are, once one of them was allowed. */
  readonly cameras: readonly { readonly id: string; readonly label: string }[];
  /** Turns on the one with that id; else the one that looks away from the person, if there are two. */
  readonly start: (id?: string) => Promise<void>;
  readonly stop: () => void;
}

/** Large enough for a picture worth keeping, small enough to be shrunk many times a second. */
const WANTED = { width: { ideal: 1280 }, height: { ideal: 720 } };

interface Held {
  stream?: MediaStream | undefined;
  /** Counts what people have asked for: an earlier wish that is granted late is no longer one. */
  wish: number;
}

export function useCamera(): Camera {
  const [state, setState] = useState<Camera['state']>({ kind: 'off' });
  const [cameras, setCameras] = useState<Camera['cameras']>([]);
  const held = useRef<Held>({ wish: 0 });

  async function start(id?: string) {
    // Phones give one camera at a time.
    const own = letGo(held.current);
    setState({ kind: 'starting' });
    try {
      const which = id === undefined ? { facingMode: { ideal: 'environment' } } : { deviceId: { exact: id } };
      const given = await navigator.mediaDevices.getUserMedia({ video: { ...WANTED, ...which }, audio: false });
      if (own !== held.current.wish) {
        for (const track of given.getTracks()) track.stop();
        return;
      }
      held.current.stream = given;
      const [track] = given.getVideoTracks();
      const { deviceId = '', facingMode } = track?.getSettings() ?? {};
      track?.addEventListener('ended', () => {
        if (own === held.current.wish) setState({ kind: 'failed', problem: 'lost' });
      });
      setState({ kind: 'on', stream: given, id: deviceId, facesPerson: facingMode !== 'environment' });
      setCameras(await listCameras());
    } catch (error) {
      if (own === held.current.wish) setState({ kind: 'failed', problem: problemOf(error) });
    }
  }

  function stop() {
    letGo(held.current);
    setState({ kind: 'off' });
  }

  useEffect(() => {
    const own = held.current;
    const look = () => void listCameras().then(setCameras);
    // Old browsers have none, and say so when the camera is started.
    const devices = 'mediaDevices' in navigator ? navigator.mediaDevices : undefined;
    devices?.addEventListener('devicechange', look);
    return () => {
      devices?.removeEventListener('devicechange', look);
      letGo(own);
    };
  }, []);

  return { state, cameras, start, stop };
}

/** Turns off what is on, and gives the number of the wish that begins. */
function letGo(held: Held): number {
  for (const track of held.stream?.getTracks() ?? []) track.stop();
  held.stream = undefined;
  held.wish += 1;
  return held.wish;
}

/** Browsers name them only to pages that were allowed one. */
async function listCameras(): Promise<Camera['cameras']> {
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices
    .filter(({ kind, label }) => kind === 'videoinput' && label !== '')
    .map(({ deviceId, label }) => ({ id: deviceId, label }));
}

/** Whether the camera may be used without asking; false if the browser does not say. */
export async function isCameraAllowed(): Promise<boolean> {
  try {
    const { state } = await navigator.permissions.query({ name: 'camera' });
    return state === 'granted';
  } catch {
    return false;
  }
}
