/* llocal.h in JavaScript: a model file in, text out, in browsers, workers and node. index.d.ts says what there is. */

const encoder = new TextEncoder();
const hasProcess = typeof process === 'object' && !!process.versions?.node;

async function wasmBytes(source) {
    if (typeof source === 'object' && !(source instanceof URL)) return source;
    const url = new URL(source, import.meta.url);
    if (url.protocol !== 'file:') return (await pieces(url, undefined)).whole();
    return (await import('node:fs/promises')).readFile(url);
}

/* Whether the engine has relaxed SIMD whose a * b + c is rounded once: (f, f) => f of (1 + 2^-12)^2 - (1 + 2^-11) is 2^-24. */
function fuses() {
    const code = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 7, 1, 96, 2, 125, 125, 1, 125, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, 22, 1, 20, 0,
        32, 0, 253, 19, 32, 0, 253, 19, 32, 1, 253, 19, 253, 133, 2, 253, 31, 0, 11]);
    return WebAssembly.validate(code) &&
        new WebAssembly.Instance(new WebAssembly.Module(code)).exports.f(1 + 2 ** -12, -1 - 2 ** -11) === 2 ** -24;
}
/* The quickest module that is there and that this engine runs. */
async function compiled(wasm, threads) {
    if (wasm instanceof WebAssembly.Module) return wasm;
    const names = wasm ? [] : fuses() ? ['./llocal-fma.wasm'] : [];
    if (names.length && threads > 1) names.unshift('./llocal-threads.wasm');
    for (const name of names) {
        try { return await WebAssembly.compile(await wasmBytes(name)); } catch { /* not here: the next one */ }
    }
    return WebAssembly.compile(await wasmBytes(wasm ?? './llocal.wasm'));
}

/* Memory that threads share, where they may: in node, and in pages whose server gives the two headers (README.md). */
const mayShare = typeof SharedArrayBuffer === 'function' && (hasProcess || globalThis.crossOriginIsolated === true);
const STACK = 1 << 18;

/* A thread: the same module over the same memory, in a worker that works for ever. */
async function startThread(module, memory, stack) {
    const at = new URL('./thread.mjs', import.meta.url);
    const worker = hasProcess ? new (await import('node:worker_threads')).Worker(at) : new Worker(at, { type: 'module' });
    const ready = new Promise((go, fail) => {
        if (hasProcess) worker.once('message', go), worker.once('error', fail);
        else worker.onmessage = go, worker.onerror = (e) => fail(new Error(e.message || 'a thread does not start'));
    });
    worker.postMessage({ module, memory, stack });
    await ready;
    if (hasProcess) worker.unref();
    return worker;
}

/* What wasi-libc wants of its host: the time, and naps of threads that wait. All else it is told not to have. */
const bed = typeof SharedArrayBuffer === 'function' ? new Int32Array(new SharedArrayBuffer(4)) : null;
function nap() {
    try { Atomics.wait(bed, 0, 0, 0.02); } catch { /* a page's main thread may not */ }
    return 0;
}
export function imports(module, memory) {
    const wasi = {
        sched_yield: () => 0,
        poll_oneoff: nap,
        clock_time_get(id, precision, at) {
            new DataView(memory().buffer).setBigUint64(at, BigInt(Math.round(performance.now() * 1e6)), true);
            return 0;
        },
        proc_exit(status) { throw new Error(`the module has stopped (${status})`); },
    };
    const all = {};
    for (const { module: from, name } of WebAssembly.Module.imports(module))
        (all[from] ??= {})[name] = wasi[name] ?? (() => 52);            /* ENOSYS */
    return all;
}

/* A model's bytes, a piece at a time: its size (or 0 where nobody says it) and an iterator. */
async function pieces(source, signal) {
    const whole = async function () {
        const list = [];
        for await (const piece of this.each) list.push(piece);
        return new Uint8Array(await new Blob(list).arrayBuffer());
    };
    if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) {
        const bytes = ArrayBuffer.isView(source) ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
                                                 : new Uint8Array(source);
        return { size: bytes.length, each: [bytes], whole };
    }
    if (typeof Blob !== 'undefined' && source instanceof Blob) {
        return { size: source.size, whole, each: (async function* () {
            for (let at = 0; at < source.size; at += 1 << 22)
                yield new Uint8Array(await source.slice(at, at + (1 << 22)).arrayBuffer());
        })() };
    }
    if (hasProcess && (source instanceof URL ? source.protocol === 'file:' : !/^https?:/.test(source))) {
        const { open } = await import('node:fs/promises');
        const file = await open(source), { size } = await file.stat();
        return { size, whole, each: (async function* () {
            try {
                for await (const piece of file.createReadStream({ highWaterMark: 1 << 22 })) yield piece;
            } finally { await file.close().catch(() => {}); }
        })() };
    }
    const answer = source instanceof Response ? source : await fetch(source, { signal });
    if (!answer.ok) throw new Error(`${answer.url || source}: ${answer.status} ${answer.statusText}`);
    const coded = answer.headers.get('content-encoding');
    return { size: coded ? 0 : Number(answer.headers.get('content-length')), whole, each: (async function* () {
        const reader = answer.body.getReader();
        for (let r; !(r = await reader.read()).done;) yield r.value;
    })() };
}

export class Model {
    #wasm;
    #threads = [];
    #busy = false;

    /* source: a URL, a path (node), a File, a Response, or bytes. */
    static async load(source, options = {}) {
        const model = new Model();
        await model.#load(source, options);
        return model;
    }

    async #load(source, { wasm, context = 0, progress, signal,
                            threads = hasProcess ? 1 : Math.min(8, navigator.hardwareConcurrency >> 1) } = {}) {
        threads = mayShare ? Math.max(1, Math.min(32, threads | 0)) : 1;
        const module = await compiled(wasm, threads);
        const shares = WebAssembly.Module.imports(module).some((i) => i.kind === 'memory');
        const memory = shares ? new WebAssembly.Memory({ initial: 256, maximum: 49152, shared: true }) : null;
        const all = imports(module, () => this.#wasm.memory);
        if (shares) all.env.memory = memory;
        const { exports } = await WebAssembly.instantiate(module, all);
        this.#wasm = shares ? { ...exports, memory } : exports;
        exports._initialize?.();
        for (let i = 1; shares && i < threads; i++)
            this.#threads.push(await startThread(module, memory, this.#alloc(STACK) + STACK));
        let { size, each } = await pieces(source, signal), at = 0;
        if (!size) {                            /* nobody says how large it is */
            const list = [];
            for await (const piece of each) list.push(piece), at += piece.length, progress?.(at, 0);
            each = list, size = at, at = 0;
        }
        const image = this.#alloc(size);
        for await (const piece of each) {
            signal?.throwIfAborted();
            if (at + piece.length > size) throw new Error('the model is longer than its host said');
            new Uint8Array(this.#wasm.memory.buffer, image + at, piece.length).set(piece);
            at += piece.length;
            progress?.(at, size);
        }
        if (at < size) throw new Error(`the model ends after ${at} of ${size} bytes`);
        if (exports.web_open(image, size, context, shares ? threads : 1)) throw new Error(this.#error());
        this.info = JSON.parse(this.#string(exports.web_info()));
        this.info.threads = this.#threads.length + 1;
    }

    /* Ends its threads; without them, what nobody holds is forgotten anyway. */
    close() {
        for (const worker of this.#threads.splice(0)) worker.terminate();
        this.#wasm = null;
    }

    #alloc(size) {
        const at = size < 2 ** 32 ? this.#wasm.web_alloc(size) >>> 0 : 0;
        if (!at) throw new Error(`out of memory: ${Math.ceil(size / 2 ** 20)} MiB`);
        return at;
    }
    #string(at, length) {
        const bytes = new Uint8Array(this.#wasm.memory.buffer, at >>> 0);
        return new TextDecoder().decode(bytes.slice(0, length ?? bytes.indexOf(0)));
    }
    #error() { return this.#string(this.#wasm.web_error()) || 'llocal: it failed'; }
    #give(f, text) {                            /* a text, for a call that begins a reply */
        const bytes = encoder.encode(text), at = this.#alloc(bytes.length + 1);
        new Uint8Array(this.#wasm.memory.buffer, at).set(bytes);
        const failed = f(at, bytes.length);
        this.#wasm.web_free(at);
        if (failed) throw new Error(this.#error());
    }

    /* The answer to a text, or to messages ([{ role, content }]), piece by piece. */
    async *generate(prompt, { temperature = 0.7, topK = 0, topP = 0, minP = 0.05, repeatPenalty = 0, seed = 0,
                              maxTokens = 0, budget = 8, pause = nextTask, signal, onstep } = {}) {
        const w = this.#wasm;
        if (this.#busy) throw new Error('this model is at another reply: one at a time');
        this.#busy = true;
        try {
            w.web_settings(temperature, topK, topP, minP, repeatPenalty, seed, maxTokens);
            if (typeof prompt === 'string') this.#give(w.web_complete, prompt);
            else this.#give(w.web_chat, JSON.stringify(prompt));
            const start = performance.now();
            for (let told = 0, done = 0, first = 0; !done;) {
                await pause();
                if (signal?.aborted) { this.stats = this.#stats('aborted', start, first); return; }
                const begun = performance.now();
                done = w.web_step(Math.max(1, budget * 1000));
                onstep?.(performance.now() - begun);
                const length = w.web_text_length();
                this.stats = this.#stats(done > 0 ? this.#string(w.web_stop()) : '', start, first);
                if (length > told) {
                    first ||= performance.now() - start;
                    this.stats.first = first;
                    yield this.#string(w.web_text() + told, length - told);
                    told = length;
                }
                if (done < 0) throw new Error(this.#error());
            }
        } finally { this.#busy = false; }
    }
    #stats(stop, start, first) {
        const [read, readMs, written, writtenMs] = [0, 1, 2, 3].map((i) => this.#wasm.web_count(i));
        return { read, readMs, written, writtenMs, stop, first, ms: performance.now() - start,
                 readPerSecond: readMs ? read * 1e3 / readMs : 0, writtenPerSecond: writtenMs ? written * 1e3 / writtenMs : 0 };
    }
}

/* Lets all else that waits go first; a timer would wait four milliseconds each time. */
const channel = typeof MessageChannel === 'function' && !hasProcess ? new MessageChannel() : null;
const waiting = [];
if (channel) channel.port1.onmessage = () => waiting.shift()?.();
function nextTask() {
    return new Promise((go) => channel ? (waiting.push(go), channel.port2.postMessage(0)) : setImmediate(go));
}

export default Model;
