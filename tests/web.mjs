/* The package that `make web` writes, in node: a story, the same text whatever the budget is, pieces, errors, chat. And, where
 * Chromium and playwright-core are (PLAYWRIGHT=path of the module), the page.
 *     node tests/web.mjs [MODEL.gguf [TEXT]]          with a model: its tokens/s */
import { readFile, stat, mkdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join, extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const root = resolve('build/web');
let passed = 0, failed = 0;
function check(what, ok, more = '') {
    ok ? passed++ : (failed++, console.log(`FAILED ${what} ${more}`));
}
async function refuses(what, words, f) {
    try { await f(); check(what, false, 'is not refused'); } catch (e) { check(what, words.test(e.message), e.message); }
}
const { Model } = await import(pathToFileURL(join(root, 'llocal.mjs')));
async function said(model, prompt, options) {
    let text = '';
    for await (const piece of model.generate(prompt, options)) text += piece;
    return text;
}

if (process.argv[2]) {
    const model = await Model.load(process.argv[2]);
    console.log(model.info);
    console.log(await said(model, process.argv[3] ?? 'Once upon a time', { maxTokens: 64, temperature: 0, budget: 100 }));
    console.log(model.stats);
    process.exit(0);
}

/* ---- in node ---- */

const tiny = 'examples/tiny.gguf', progress = [];
const model = await Model.load(tiny, { progress: (done, size) => progress.push([done, size]), context: 512 });
const size = (await stat(tiny)).size;
check('progress to the end', progress.length > 0 && progress.at(-1)[0] === size && progress.every((p) => p[1] === size));
check('vectors', model.info.build.includes('wasm128'), model.info.build);
check('what it is', model.info.context === 512 && model.info.architecture && model.info.parameters > 1e6);
const story = await said(model, 'Title: The Ant', { maxTokens: 24, temperature: 0, minP: 0 });
check('the story of every machine', story.startsWith(' That Sneezed\nOne'), JSON.stringify(story));
check('what it took', model.stats.written >= 23 && model.stats.read > 0 && model.stats.writtenPerSecond > 0, JSON.stringify(model.stats));
const slow = await said(model, 'Title: The Ant', { maxTokens: 24, temperature: 0, minP: 0, budget: 0.2 });
check('the same text in other steps', slow === story);
const seeded = () => said(model, 'Title:', { maxTokens: 16, seed: 7 });
check('a seed is a text', await seeded() === await seeded());
const abort = new AbortController();
let pieces = 0;
for await (const piece of model.generate('Title:', { signal: abort.signal, budget: 1 })) if (piece && ++pieces === 3) abort.abort();
check('it stops', pieces === 3 && model.stats.stop === 'aborted', pieces);
await refuses('no template', /no chat template/, () => said(model, [{ role: 'user', content: 'Hello' }]));
await refuses('a prompt beyond the window', /fit|window|full|tokens/, () => said(model, 'The ant. '.repeat(600)));
const bytes = await readFile(tiny);
await refuses('half a file', /./, () => Model.load(bytes.subarray(0, size / 2)));
await refuses('no model', /GGUF/, () => Model.load(new TextEncoder().encode('this is no model at all, but some text')));
const again = await Model.load(new Blob([bytes]));
check('a Blob', await said(again, 'Title: The Ant', { maxTokens: 24, temperature: 0, minP: 0 }) === story);

console.log(`web: ${passed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
