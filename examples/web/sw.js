/* Keeps the page and the default model: offline it is as online. `make web` writes the version. */
const version = 'llocal-VERSION';
const files = ['./', 'index.html', 'app.mjs', 'llocal.mjs', 'worker.mjs', 'thread.mjs', 'llocal.wasm', 'tiny.gguf'];
const more = ['llocal-fma.wasm', 'llocal-threads.wasm'];        /* if make web made them */

self.addEventListener('install', (e) => {
    e.waitUntil(caches.open(version)
        .then((c) => Promise.all([c.addAll(files), ...more.map((f) => c.add(f).catch(() => {}))])).then(() => self.skipWaiting()));
});
self.addEventListener('activate', (e) => {
    e.waitUntil(caches.keys()
        .then((all) => Promise.all(all.filter((k) => /^llocal-(?!models$)/.test(k) && k !== version).map((k) => caches.delete(k))))
        .then(() => self.clients.claim()));
});
self.addEventListener('fetch', (e) => {
    if (e.request.method !== 'GET' || new URL(e.request.url).origin !== location.origin) return;
    e.respondWith(caches.match(e.request, { ignoreSearch: true }).then((kept) => kept ?? fetch(e.request)));
});
