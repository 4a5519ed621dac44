/* One more thread of a model (llocal.mjs starts it): the same module over the same memory, with a stack of its own. */
import { imports } from './llocal.mjs';

const inNode = typeof process === 'object' && !!process.versions?.node;
const port = inNode ? (await import('node:worker_threads')).parentPort : globalThis;

async function begin({ module, memory, stack }) {
    const all = imports(module, () => memory);
    all.env.memory = memory;
    const { exports } = await WebAssembly.instantiate(module, all);
    exports.__stack_pointer.value = stack;
    port.postMessage('ready');
    exports.web_thread();
}
if (inNode) port.once('message', begin); else port.onmessage = ({ data }) => begin(data);
