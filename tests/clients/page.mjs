// The page of examples/serve.c in Chromium without a window: say, stop, edit, regenerate, reload, tools, a schema.
//     node page.mjs URL [FOLDER]       FOLDER: where screenshots go
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { chromium } from 'playwright-core';

const url = process.argv[2], folder = process.argv[3];
const path = process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(f => fs.existsSync(f));
if (!path) { console.log('SKIPPED page: no Chromium'); process.exit(0); }
const browser = await chromium.launch({ executablePath: path, args: ['--no-sandbox'] });
const page = await (await browser.newContext({ viewport: { width: 1100, height: 800 } })).newPage();
const outside = [], problems = [];
page.on('request', r => { if (!r.url().startsWith(url) && !r.url().startsWith('data:')) outside.push(r.url()); });
page.on('pageerror', e => problems.push(String(e)));
const shot = async name => { if (folder) await page.screenshot({ path: `${folder}/${name}.png` }); };
let passed = 0, failed = 0;
async function test(name, run) {
  try { await run(); passed++; } catch (e) { failed++; console.log(`FAILED page, ${name}: ${e.stack ?? e}`); await shot('failed'); }
}
const say = async text => { await page.fill('#text', text); await page.keyboard.press('Enter'); };
const ready = () => page.waitForSelector('#send:not([hidden])', { timeout: 30000 });
const set = async (id, v) => { await page.fill('#' + id, v); await page.locator('#' + id).dispatchEvent('change'); };
const last = () => page.locator('article.assistant').last();

await page.goto(url + '/');
await page.waitForFunction(() => document.querySelector('#model').options.length > 0);
await test('say', async () => {
  await page.click('#open-settings');
  await set('max_tokens', '40'), await set('temperature', '0');
  await page.click('#open-settings');
  await say('Tell me a story.');
  await page.waitForFunction(() => document.querySelectorAll('article').length === 2);
  await ready();
  assert.ok((await last().innerText()).length > 20);
  assert.match(await last().innerText(), /\d+ tokens, [\d.]+ a second/);
  assert.ok(!await page.locator('#settings').isVisible());
  await shot('say');
});
await test('regenerate gives the same at temperature 0', async () => {
  const text = await last().locator('.body').innerText();
  await last().getByRole('button', { name: 'Regenerate' }).click();
  await ready();
  assert.equal(await last().locator('.body').innerText(), text);
});
await test('stop', async () => {
  await page.click('#open-settings'), await set('max_tokens', '400'), await page.click('#open-settings');
  await say('And then?');
  await page.waitForFunction(() => (document.querySelectorAll('article.assistant')[1]?.querySelector('.body')?.textContent ?? '').length > 10);
  await page.keyboard.press('Escape');
  await ready();
  assert.equal(await page.locator('article').count(), 4);
});
await test('edit', async () => {
  await page.locator('article.user').last().getByRole('button', { name: 'Edit' }).click();
  assert.equal(await page.inputValue('#text'), 'And then?');
  assert.equal(await page.locator('article').count(), 2);
  await page.click('#open-settings'), await set('max_tokens', '20'), await page.click('#open-settings');
  await say('The end?');
  await ready();
  assert.equal(await page.locator('article').count(), 4);
});
await test('reload keeps the conversation', async () => {
  const text = await page.locator('#messages').innerText();
  await page.reload();
  await page.waitForFunction(() => document.querySelectorAll('article').length === 4);
  assert.equal(await page.locator('#messages').innerText(), text);
});
await test('probabilities', async () => {
  await page.click('#open-settings'), await page.check('#logprobs'), await page.click('#open-settings');
  await page.click('#new');
  await say('Once');
  await ready();
  await last().getByRole('button', { name: 'Probabilities' }).click();
  assert.ok(await last().locator('.tokens span').count() > 3);
  assert.match(await last().locator('.tokens span').first().getAttribute('title'), /%/);
  await shot('probabilities');
});
await test('a schema comes as a tree', async () => {
  await page.click('#open-settings');
  await page.uncheck('#logprobs');
  await set('max_tokens', '80');
  await set('schema', '{"type":"object","properties":{"name":{"type":"string","maxLength":10},"tags":{"type":"array","items":{"enum":["a","b"]},"minItems":2,"maxItems":2}},"required":["name","tags"],"additionalProperties":false}');
  await page.click('#open-settings');
  await page.click('#new');
  await say('Somebody.');
  await ready();
  assert.equal(await last().locator('.tree .key').first().innerText(), 'name: ');
  await shot('tree');
});
await test('a tool is a form', async () => {
  await page.click('#open-settings');
  await set('schema', ''), await set('max_tokens', '60');
  await set('tools', '[{"name":"weather","description":"weather of a city","parameters":{"type":"object","properties":{"city":{"enum":["Paris","Rome"]}},"required":["city"],"additionalProperties":false}}]');
  await page.click('#open-settings');
  await page.click('#new');
  await page.evaluate(() => {     // as if the model had called: small models call when they like
    conversation().messages.push({ role: 'user', content: 'Weather?' }, { role: 'assistant', content: '', tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Rome"}' } }] });
    save(); show();
  });
  await page.fill('form.call textarea', 'rain');
  await shot('tool');
  await page.click('form.call button');
  await ready();
  await page.waitForFunction(() => document.querySelectorAll('article').length >= 3);
  assert.match(await page.locator('article.tool').innerText(), /rain/);
});
await test('a narrow, dark screen', async () => {
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.setViewportSize({ width: 380, height: 700 });
  await page.click('#more');
  assert.ok(await page.locator('#conversations').isVisible());
  await shot('narrow');
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
});
await test('markdown, where it is compiled in, and nothing that runs', async () => {
  const [set, bad] = await page.evaluate(() => {
    const e = markdown('**bold** `x`\n\n<img src=x onerror="alert(1)"><script>alert(2)</scr' + 'ipt>\n\n```\ncode\n```');
    return [e.querySelector('strong') !== null, e.querySelectorAll('img, script').length];
  });
  assert.equal(set, await page.evaluate(() => !!window.marked));
  assert.equal(bad, 0);
});
await test('nothing is asked of others, and no script failed', async () => {
  assert.deepEqual(outside, []);
  assert.deepEqual(problems, []);
});
await browser.close();
console.log(`page: ${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
