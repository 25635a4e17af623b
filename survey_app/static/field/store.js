// What this phone keeps, in IndexedDB: the lock in plain, everything else sealed with the store's key.
// Each writing is over only when the database says that it is on the disk.

import { ITERATIONS, keyOfBytes, keyOfPin, openBytes, openObject, randomBytes, sealBytes, sealObject } from './crypto.js';

const NAME = 'pingyi-field';
let database = null;

export function openStore() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore('plain', { keyPath: 'name' });
      request.result.createObjectStore('sealed', { keyPath: 'name' });
      request.result.createObjectStore('queue', { keyPath: 'order', autoIncrement: true });
    };
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      database = request.result;
      database.onversionchange = () => database.close();
      resolve();
    };
  });
}

function transact(stores, mode, work) {
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(stores, mode, { durability: 'strict' });
    let request = null;
    transaction.oncomplete = () => resolve(request ? request.result : undefined);
    transaction.onerror = () => reject(transaction.error);
    transaction.onabort = () => reject(transaction.error);
    request = work(transaction);
  });
}

const read = (store, work) => transact([store], 'readonly', (transaction) => work(transaction.objectStore(store)));
const write = (store, work) => transact([store], 'readwrite', (transaction) => work(transaction.objectStore(store)));

export const getPlain = (name) => read('plain', (store) => store.get(name));
export const setPlain = (record) => write('plain', (store) => store.put(record));

// ----- the lock

export async function makeLock(pin, recovery, personId, bytes = randomBytes(32)) {
  const salt = randomBytes(16);
  await setPlain({
    name: 'lock',
    person: personId,
    salt,
    iterations: ITERATIONS,
    byPin: await sealBytes(await keyOfPin(pin, salt, ITERATIONS), bytes, 'pin'),
    byRecovery: await sealBytes(await keyOfBytes(recovery), bytes, 'recovery'),
    wrong: 0,
  });
  const key = await keyOfBytes(bytes);
  bytes.fill(0);
  return key;
}

export async function openWithPin(lock, pin) {
  const bytes = await openBytes(await keyOfPin(pin, lock.salt, lock.iterations), lock.byPin, 'pin');
  return bytes && takeKey(bytes);
}

export async function openWithRecovery(lock, recovery) {
  const bytes = await openBytes(await keyOfBytes(recovery), lock.byRecovery, 'recovery');
  return bytes && takeKey(bytes);
}

// Opens the store by the recovery key and puts it under a new PIN.
export async function renewLock(lock, pin, recovery) {
  const bytes = await openBytes(await keyOfBytes(recovery), lock.byRecovery, 'recovery');
  return bytes && makeLock(pin, recovery, lock.person, bytes);
}

async function takeKey(bytes) {
  const key = await keyOfBytes(bytes);
  bytes.fill(0);
  return key;
}

// ----- the data

export async function readData(key) {
  const record = await read('sealed', (store) => store.get('data'));
  return record ? openObject(key, record.sealed, 'data') : null;
}

export async function writeData(key, data) {
  const sealed = await sealObject(key, data, 'data');
  await write('sealed', (store) => store.put({ name: 'data', sealed }));
}

// ----- the queue: in the order in which the actions were made

export async function addAction(key, action) {
  const sealed = await sealObject(key, action, 'action');
  return write('queue', (store) => store.add({ sealed }));
}

export async function listActions(key) {
  const records = await read('queue', (store) => store.getAll());
  const opened = [];
  for (const { order, sealed } of records) {
    const action = await openObject(key, sealed, 'action');
    if (action) opened.push({ ...action, order });
  }
  return opened;
}

export async function changeAction(key, { order, ...action }) {
  const sealed = await sealObject(key, action, 'action');
  // Only while it still stands there: another window may have sent and removed it.
  await write('queue', (store) => {
    const known = store.getKey(order);
    known.onsuccess = () => known.result !== undefined && store.put({ order, sealed });
    return null;
  });
}

export const removeAction = (order) => write('queue', (store) => store.delete(order));
export const countActions = () => read('queue', (store) => store.count());

export function wipe() {
  return transact(['plain', 'sealed', 'queue'], 'readwrite', (transaction) => {
    for (const name of ['plain', 'sealed', 'queue']) transaction.objectStore(name).clear();
    return null;
  });
}
