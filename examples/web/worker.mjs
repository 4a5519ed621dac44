/* A model in a thread of its own: the page stays free whatever the model does. Messages in:
 *   { load: File | URL, context }       out: { progress: [done, size] }, { loaded: info }
 *   { generate: prompt, options }       out: { text, stats }, { done: stats }
 *   { stop: true }
 * and { error: words } of either. */
import { Model } from './llocal.mjs';

let model, abort;

/* From the cache of models, where it is kept for the next time, offline too, if there is room for it. */
async function fetched(url) {
    const cache = await globalThis.caches?.open('llocal-models').catch(() => null);
    const kept = await cache?.match(url);
    if (kept) return kept;
    const answer = await fetch(url);
    if (answer.ok && cache && new URL(url).origin + '/' !== new URL('/', location).href)
        cache.put(url, answer.clone()).catch(() => {});
    return answer;
}

async function load({ load: source, context }) {
    model = undefined;
    const from = typeof source === 'string' ? await fetched(source) : source;
    let last = 0;
    model = await Model.load(from, { context, progress(done, size) {
        const now = performance.now();
        if (done === size || now - last > 50) last = now, postMessage({ progress: [done, size] });
    } });
    postMessage({ loaded: model.info });
}

async function generate({ generate: prompt, options }) {
    if (!model) throw new Error('no model is loaded');
    abort = new AbortController();
    for await (const text of model.generate(prompt, { budget: 30, ...options, signal: abort.signal }))
        postMessage({ text, stats: model.stats });
    postMessage({ done: model.stats });
}

onmessage = async ({ data }) => {
    try {
        if (data.load) await load(data);
        else if (data.generate) await generate(data);
        else if (data.stop) abort?.abort();
    } catch (e) { postMessage({ error: String(e.message ?? e) }); }
};
