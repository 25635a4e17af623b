// Asking the server. No line, a cut line and a server that answers with something else are one and the same: try again later.

const PATIENCE = 60000;

export function post(path, body = {}, patience = PATIENCE) {
  return ask(path, patience, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Pingyi-Phone': '1' },
    body: JSON.stringify(body),
  });
}

// As anybody, with no cookie: the server is not told which phone asks.
export function postAsAnybody(path, body) {
  return ask(path, PATIENCE, {
    method: 'POST',
    credentials: 'omit',
    headers: { 'Content-Type': 'application/json', 'X-Pingyi-Phone': '1' },
    body: JSON.stringify(body),
  });
}

export const get = (path) => ask(path, PATIENCE, {});

async function ask(path, patience, options) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), patience);
  try {
    const answer = await fetch(`/field/${path}`, { ...options, cache: 'no-store', signal: stop.signal });
    const data = await answer.json();
    // A server in trouble is no reason to do anything but wait.
    if (answer.status >= 500 || typeof data !== 'object') return { offline: true };
    return { ok: answer.ok, status: answer.status, data, at: Date.parse(answer.headers.get('Date')) };
  } catch {
    return { offline: true };
  } finally {
    clearTimeout(timer);
  }
}
