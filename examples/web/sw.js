/* Keeps the page and the default model: offline it is as online. `make web` writes the version. */
const version = 'llocal-VERSION';
const files = ['./', 'index.html', 'app.mjs', 'llocal.mjs', 'worker.mjs', 'llocal.wasm', 'tiny.gguf'];

self.addEventListener('install', (e) => {
    e.waitUntil(caches.open(version).then((c) => c.addAll(files)).then(() => self.skipWaiting()));
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
