// Keeps the app's own files on the phone, so that it starts without a line. Data and answers never pass through this cache.

const PREFIX = 'pingyi-field-';
const CACHE = PREFIX + VERSION;

self.addEventListener('install', (event) => {
  self.skipWaiting();
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES.map((file) => new Request(file, { cache: 'reload' })))));
});

self.addEventListener('activate', (event) => {
  event.waitUntil(caches.keys()
    .then((names) => Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== CACHE).map((name) => caches.delete(name))))
    .then(() => self.clients.claim()));
});

self.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== 'GET' || url.origin !== self.location.origin || !FILES.includes(url.pathname)) return;
  event.respondWith(caches.open(CACHE)
    .then((cache) => cache.match(url.pathname))
    .then((kept) => kept || fetch(event.request)));
});

// Where the browser knows Background Sync: an open app is told that there is a line again. A closed one holds no key and cannot send.
self.addEventListener('sync', (event) => {
  event.waitUntil(self.clients.matchAll({ type: 'window' }).then((windows) => windows.forEach((one) => one.postMessage('send'))));
});
