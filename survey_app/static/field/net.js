// Asking the server. No line, a cut line and a server that answers with something else are one and the same: try again later.

const PATIENCE = 20000;

export function post(path, body = {}) {
  return ask(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Pingyi-Phone': '1' },
    body: JSON.stringify(body),
  });
}

export const get = (path) => ask(path, {});

async function ask(path, options) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE);
  try {
    const answer = await fetch(`/field/${path}`, { ...options, cache: 'no-store', signal: stop.signal });
    const data = await answer.json();
    // A server in trouble is no reason to do anything but wait.
    return answer.status >= 500 || typeof data !== 'object' ? { offline: true } : { ok: answer.ok, status: answer.status, data };
  } catch {
    return { offline: true };
  } finally {
    clearTimeout(timer);
  }
}
