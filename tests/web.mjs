/* The package that `make web` writes, in node: a story, the same text whatever the budget is, pieces, errors, chat. And, where
 * Chromium and playwright-core are (PLAYWRIGHT=path of the module), the page: it streams, stops, works offline. WEB_MODEL=
 * a file with a chat template: that too; WEB_FRAMES=20: no frame may take longer. Pictures lie in build/shots.
 *     node tests/web.mjs [MODEL.gguf [TEXT]]          with a model: its tokens/s */
import { readFile, stat, mkdir } from 'node:fs/promises';
import { existsSync } from 'node:fs';
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

/* The quicker modules, where make web could make them and the engine runs them: the same text; threads too. */
const has = (name) => existsSync(join(root, name)), fused = /\+fma/.test(model.info.build);
if (has('llocal-threads.wasm') && fused) {
    for (const threads of [2, 3]) {
        const many = await Model.load(tiny, { threads, context: 512 });
        check('threads', many.info.threads === threads && /\+fma/.test(many.info.build), JSON.stringify(many.info));
        for (let i = 0; i < 4; i++)
            check('the same text of more threads', await said(many, 'Title: The Ant', { maxTokens: 24, temperature: 0, minP: 0 }) === story);
        many.close();
    }
    const plain = await Model.load(tiny, { wasm: './llocal.wasm', context: 512 });
    check('the same text without relaxed SIMD', /wasm128(?!\+)/.test(plain.info.build) &&
        await said(plain, 'Title: The Ant', { maxTokens: 24, temperature: 0, minP: 0 }) === story);
} else console.log(`web: ${has('llocal-threads.wasm') ? 'this engine has no relaxed SIMD (node 20: --experimental-wasm-relaxed-simd)' : 'one module'}`);

/* ---- in Chromium: a page as a user has it ---- */

function serve() {                              /* build/web, and models of this machine under /models/ */
    const types = { '.html': 'text/html', '.mjs': 'text/javascript', '.js': 'text/javascript', '.wasm': 'application/wasm' };
    const server = createServer(async ({ url }, answer) => {
        const path = decodeURIComponent(url.split('?')[0]).replace(/\/$/, '/index.html');
        try {
            const body = await readFile(path === '/models/one.gguf' ? process.env.WEB_MODEL : join(root, path));
            answer.writeHead(200, { 'content-type': types[extname(path)] ?? 'application/octet-stream', 'content-length': body.length,
                'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' });
            answer.end(body);
        } catch { answer.writeHead(404), answer.end(); }
    });
    return new Promise((go) => server.listen(0, '127.0.0.1', () => go(server)));
}
const ready = (page, ms = 120000) => page.waitForFunction(() => !document.getElementById('go').disabled, null, { timeout: ms });
const quiet = (page, ms = 240000) => page.waitForFunction(() => document.getElementById('stop').disabled, null, { timeout: ms });
const longer = (page, n, ms = 240000) =>
    page.waitForFunction((k) => document.getElementById('log').textContent.length > k, n, { timeout: ms });
const startFrames = (page) => page.evaluate(() => {
    window.times = [];
    let last;
    const frame = (now) => { if (last) window.times.push(now - last); last = now, requestAnimationFrame(frame); };
    requestAnimationFrame(frame);
});
async function frames(page, what) {             /* 20 ms is for a machine that has nothing else to do: WEB_FRAMES=20 */
    const t = (await page.evaluate(() => window.times)).sort((x, y) => y - x);
    console.log(`frames, ${what}: ${t.length}, median ${t[t.length >> 1].toFixed(1)} ms, the longest ${t.slice(0, 3).map((x) => x.toFixed(1)).join(', ')}`);
    if (process.env.WEB_FRAMES) check(`frames, ${what}`, t[0] <= Number(process.env.WEB_FRAMES), `the longest ${t[0]}`);
}
const shot = async (page, name) => {
    await mkdir('build/shots', { recursive: true });
    await page.screenshot({ path: `build/shots/${name}.png` });
};

async function inChromium({ chromium }, executablePath) {
    const server = await serve(), origin = `http://127.0.0.1:${server.address().port}/`;
    const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    const context = await browser.newContext({ viewport: { width: 900, height: 720 }, colorScheme: 'light' });
    const page = await context.newPage();
    page.on('pageerror', (e) => check('no error in the page', false, e.message));
    try {
        await page.goto(origin), await ready(page);
        await startFrames(page);
        await page.fill('#prompt', 'Title: The Ant'), await page.press('#prompt', 'Control+Enter');
        await longer(page, 60);
        check('it streams', !(await page.isDisabled('#stop')));
        await longer(page, 300), await page.keyboard.press('Escape'), await quiet(page);
        await frames(page, 'worker'), await shot(page, 'story');
        check('Escape stops', /aborted/.test(await page.textContent('#numbers')), await page.textContent('#numbers'));
        if (has('llocal-threads.wasm')) check('two threads in the page', await page.evaluate(async () => {
            const { Model } = await import('./llocal.mjs'), m = await Model.load('tiny.gguf', { threads: 2, context: 512 });
            let text = '';
            for await (const t of m.generate('Title: The Ant', { maxTokens: 24, temperature: 0, minP: 0 })) text += t;
            return m.info.threads + text;
        }) === 2 + story);
        if (has('llocal-threads.wasm')) check('relaxed SIMD in the page', /\+fma/.test(await page.textContent('#about')) &&
            await page.evaluate(() => crossOriginIsolated), await page.textContent('#about'));
        check('tokens/s', /[1-9]\d* tokens\/s/.test(await page.textContent('#numbers')));

        await page.waitForFunction(async () => (await navigator.serviceWorker.ready).active?.state === 'activated');
        await context.setOffline(true), server.close(), server.closeAllConnections();
        await page.reload(), await ready(page);
        await page.click('summary'), await page.fill('#maxTokens', '40'), await page.fill('#temperature', '0'), await page.fill('#minP', '0');
        await page.fill('#prompt', 'Title: The Ant'), await page.click('#go'), await longer(page, 40), await quiet(page);
        check('offline, and as in node', (await page.textContent('#log')).startsWith('Title: The Ant' + story), await page.textContent('#log'));
        await page.emulateMedia({ colorScheme: 'dark' }), await shot(page, 'dark_offline');
        await page.setInputFiles('#file', { name: 'no.gguf', mimeType: '', buffer: Buffer.from('no model') });
        await page.waitForSelector('#log .error');
        await page.setInputFiles('#file', tiny), await ready(page);
        check('a file of the user', /million weights/.test(await page.textContent('#about')));
        await context.setOffline(false);

        await new Promise((go) => server.listen(new URL(origin).port, '127.0.0.1', go));
        await page.goto('about:blank'), await page.goto(origin + '#main'), await ready(page);
        await startFrames(page);
        await page.fill('#prompt', 'Title: The Ant'), await page.click('#go'), await longer(page, 300);
        await frames(page, 'steps in the page'), await page.keyboard.press('Escape'), await quiet(page);
        if (process.env.WEB_MODEL) await withModel(page, origin);
    } finally { await browser.close(), server.close(); }
}
/* A real model, by its address and as a file, in chat. */
async function withModel(page, origin) {
    await page.goto('about:blank'), await page.goto(origin), await ready(page);
    await page.evaluate(() => {
        window.seen = [];
        new MutationObserver(() => window.seen.push(document.getElementById('about').textContent))
            .observe(document.getElementById('about'), { childList: true, characterData: true, subtree: true });
    });
    await page.click('summary'), await page.fill('#url', origin + 'models/one.gguf');
    await startFrames(page);
    await page.click('#fetch');
    await page.waitForFunction(() => window.seen.some((x) => / of /.test(x)));
    await shot(page, 'progress');
    await ready(page, 300000), await frames(page, 'while a model comes');
    const seen = await page.evaluate(() => window.seen);
    check('it comes in pieces', seen.filter((x) => / MiB of /.test(x)).length > 3, seen);
    await page.fill('#maxTokens', '60'), await page.fill('#temperature', '0'), await page.click('summary');
    await page.evaluate(() => { window.times.length = 0; });
    await page.fill('#prompt', 'Why is the sky blue?'), await page.click('#go'), await longer(page, 120), await quiet(page);
    await frames(page, 'a real model');
    console.log(await page.textContent('#about'), '|', await page.textContent('#numbers'), '|', await page.textContent('#log'));
    await shot(page, 'chat');
    check('chat', (await page.textContent('#log .answer')).length > 60);
    await page.fill('#prompt', 'Say that in five words.'), await page.click('#go'), await quiet(page);
    check('the second turn reads only what is new', / read · /.test(await page.textContent('#numbers')));
}

const playwright = await import(process.env.PLAYWRIGHT ?? 'playwright-core').catch(() => null);
const chromium = ['/usr/bin/chromium', '/usr/bin/google-chrome', process.env.CHROMIUM].filter((p) => p && existsSync(p)).at(-1);
if (playwright && chromium) await inChromium(playwright.default ?? playwright, chromium);
else console.log(`SKIPPED the page: no ${playwright ? 'Chromium' : 'playwright-core'} here`);

console.log(`web: ${passed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
