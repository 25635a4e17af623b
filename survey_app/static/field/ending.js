// The end of a phone that the office has revoked: sealed answers that wait are handed in once, then all that it keeps is wiped.

import { postAsAnybody } from './net.js';
import { listActions, wipe } from './store.js';

const BATCH = 15; // such ballots fit into the 64 kB that the server takes of anybody

// Resolves to {n: how many are in the box, all: how many there were}, with `offline` where there was no line, and then nothing is wiped
// yet: the office's wish waits for the line. Without the store's key there is nothing to read, and all goes at once.
export async function carryOut(key, stopped = () => false) {
  const handedIn = key ? await handIn(key) : { n: 0, all: 0 };
  if (!handedIn.offline && !stopped()) await wipe();
  return handedIn;
}

// Each is sent once, whatever becomes of it. One that was sealed meanwhile goes too.
async function handIn(key) {
  const sent = new Set();
  let n = 0;
  for (;;) {
    const batch = (await listActions(key))
      .filter((action) => action.kind === 'ballot' && action.state === 'waiting' && !sent.has(action.key)).slice(0, BATCH);
    if (!batch.length) return { n, all: sent.size };
    const answer = await postAsAnybody('ballots', { actions: batch.map(({ key: name, kind, token, inner }) => ({ key: name, kind, token, inner })) });
    if (answer.offline) return { n, all: sent.size, offline: true };
    for (const { key: name } of batch) sent.add(name);
    n += (answer.data.results || []).filter(({ state }) => state === 'kept' || state === 'already').length;
  }
}
