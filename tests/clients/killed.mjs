// A server that is killed, whose disk is full, whose files are damaged: it starts again, answers right, and what was kept
// whole is of use.   node killed.mjs SERVE ARGUMENTS...
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { execFileSync } from 'node:child_process';
import { end, serve, test } from './server.mjs';

const [program, ...args] = process.argv.slice(2), dir = 'killed';
const start = (folder = dir, ...more) => serve(program, ...args, ...more, '-c', '512', '--snapshots', folder);
const ask = async (p, text, n = 4) => {
  const r = await fetch(p.url + '/v1/completions', { method: 'POST', body: JSON.stringify({ prompt: text, max_tokens: n, temperature: 0 }) });
  assert.equal(r.status, 200);
  return r.json();
};
const long = 'Once upon a time there was a small village by the sea, where people kept bees, mended nets and told each other stories in the evening. One day a ship came in with torn sails and nobody on board but ';
fs.rmSync(dir, { recursive: true, force: true });

let want;
await test('what was read is kept over a restart', async () => {
  let p = await start();
  want = (await ask(p, long)).choices[0].text;
  p.kill('SIGINT');
  assert.equal(await p.ended, 0);
  p = await start();
  const r = await ask(p, long + 'a cat');
  assert.ok(r.usage.prompt_tokens_details.cached_tokens > 30, JSON.stringify(r.usage));
  assert.equal((await ask(p, long)).choices[0].text, want);
  p.kill('SIGINT');
  await p.ended;
});
await test('killed at any moment', async () => {
  for (let i = 0; i < 12; i++) {
    const p = await start();
    const work = (async () => { for (let k = 0; ; k++) await ask(p, `${long} ${i} ${k} `.repeat(1 + k % 2), 8); })().catch(() => {});
    await new Promise(r => setTimeout(r, 40 + 97 * i));
    p.kill('SIGKILL');
    await p.ended, await work;
    assert.ok(fs.readdirSync(dir).every(f => /^[0-9a-f]{16}\.snap(\.part)?$/.test(f)));
  }
  const p = await start();
  assert.equal((await ask(p, long)).choices[0].text, want);
  assert.ok(!fs.readdirSync(dir).some(f => f.endsWith('.part')));
  p.kill('SIGINT');
  await p.ended;
});
await test('damaged files are dropped', async () => {
  const files = fs.readdirSync(dir);
  assert.ok(files.length > 0);
  files.forEach((f, i) => {
    const path = `${dir}/${f}`, size = fs.statSync(path).size;
    if (i % 3 === 0) fs.truncateSync(path, size / 2);
    else { const fd = fs.openSync(path, 'r+'); fs.writeSync(fd, Buffer.from([i, 77]), 0, 2, i % 3 === 1 ? size - 100 : 3); fs.closeSync(fd); }
  });
  const p = await start();
  assert.equal((await ask(p, long)).choices[0].text, want);
  p.kill('SIGINT');
  await p.ended;
});
await test('a full disk', async () => {
  const full = 'full';
  fs.mkdirSync(full, { recursive: true });
  try { execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=300k', 'tmpfs', full], { stdio: 'ignore' }); } catch { console.log('SKIPPED a full disk: no right to mount'); return; }
  try {
    const p = await start(full);
    for (let i = 0; i < 6; i++) await ask(p, `${i} ${long}`), await new Promise(r => setTimeout(r, 700));
    assert.equal((await ask(p, long)).choices[0].text, want);
    p.kill('SIGINT');
    assert.equal(await p.ended, 0);
    assert.ok(fs.readdirSync(full).every(f => f.endsWith('.snap')));
  } finally { execFileSync('umount', [full]); }
});
await test('models share a limit of memory', async () => {
  const other = 'other.gguf', limit = 18;
  fs.copyFileSync(args[1], other);
  const p = await start(dir, '-m', other, '--memory', String(limit));
  const open = async () => (await (await fetch(p.url + '/api/ps')).json()).models;
  const post = (path, body) => fetch(p.url + path, { method: 'POST', body: JSON.stringify({ max_tokens: 2, ...body }) }).then(r => r.status);
  const names = (await (await fetch(p.url + '/v1/models')).json()).data.map(m => m.id);
  for (const model of [...names, ...names]) {
    assert.equal(await post('/v1/completions', { model, prompt: long }), 200);
    assert.equal(await post('/v1/embeddings', { model, input: ['a', 'b', 'c'] }), 200);
    const list = await open(), sum = list.reduce((s, m) => s + m.size, 0);
    assert.ok(sum <= limit << 20 && list.some(m => m.name === model), JSON.stringify(list));
  }
  assert.equal((await open()).length, 1, 'both fit: the test says nothing');
  p.kill('SIGINT');
  assert.equal(await p.ended, 0);
});
end('killed');
