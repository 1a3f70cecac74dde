/** What is still to be sent, kept in the browser, so that it is sent after the page was closed, too. */

export interface Pending {
  readonly dataset: string;
  readonly label: string;
  readonly name: string;
  readonly file: Blob;
}

export interface KeptPending extends Pending {
  /** In the browser's store; undefined where the browser keeps nothing. */
  readonly key: number | undefined;
}

const DATABASE = 'kaiyan';
const STORE = 'pending-pictures';

/** With the keys under which they are kept; without, where the browser allows none or has no room. */
export async function keepPending(pending: readonly Pending[]): Promise<readonly KeptPending[]> {
  try {
    const store = await open('readwrite');
    const keys = pending.map((one) => resultOf<IDBValidKey>(store.add(one)));
    const kept = await Promise.all(keys);
    return pending.map((one, at) => ({ ...one, key: Number(kept[at]) }));
  } catch {
    return pending.map((one) => ({ ...one, key: undefined }));
  }
}

/** What an earlier visit left, in the order in which it was added. */
export async function pendingFromBefore(): Promise<readonly KeptPending[]> {
  try {
    const store = await open('readonly');
    const [keys, values] = await Promise.all([resultOf(store.getAllKeys()), resultOf<Pending[]>(store.getAll())]);
    return values.map((one, at) => ({ ...one, key: Number(keys[at]) }));
  } catch {
    return [];
  }
}

export async function forgetPending(pending: readonly KeptPending[]): Promise<void> {
  try {
    const store = await open('readwrite');
    await Promise.all(pending.flatMap(({ key }) => (key === undefined ? [] : [resultOf(store.delete(key))])));
  } catch {
    // It is sent again then, and the service knows it already.
  }
}

let opened: Promise<IDBDatabase> | undefined;

async function open(mode: IDBTransactionMode): Promise<IDBObjectStore> {
  opened ??= openDatabase();
  const database = await opened;
  return database.transaction(STORE, mode).objectStore(STORE);
}

function openDatabase(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE, { autoIncrement: true });
  return resultOf(request);
}

const resultOf = <Result>(request: IDBRequest<Result>): Promise<Result> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
