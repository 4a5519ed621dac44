// node --experimental-wasm-memory64 tests/wasm64.mjs PROGRAM MODEL: the story of tests/wasm64.c.
import { readFile } from 'node:fs/promises';
const text = (p, n) => Buffer.from(new Uint8Array(exports.memory.buffer, Number(p), Number(n)));
const host = { put: (p, n) => process.stdout.write(text(p, n)), log: (p, n) => process.stderr.write(text(p, n) + '\n') };
const { instance: { exports } } = await WebAssembly.instantiate(await readFile(process.argv[2]), { host });
const model = await readFile(process.argv[3]), at = exports.room(BigInt(model.length));
new Uint8Array(exports.memory.buffer, Number(at), model.length).set(model);
process.exitCode = exports.tell(at, BigInt(model.length));
