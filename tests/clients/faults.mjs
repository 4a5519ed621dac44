// What goes wrong with a server: wrong bodies, half-open connections, slow readers, clients that go, who may not ask. Each
// time the next request is answered right.   node faults.mjs URL PID
import assert from 'node:assert/strict';
import net from 'node:net';
import fs from 'node:fs';

const url = process.argv[2], pid = process.argv[3], { hostname, port } = new URL(url);
let passed = 0, failed = 0;
async function test(name, run) {
  try { await run(); await fine(); passed++; } catch (e) { failed++; console.log(`FAILED ${name}: ${e.stack ?? e}`); }
}
const post = (path, body, headers = {}) => fetch(url + path, { method: 'POST', headers: { 'Content-Type': 'application/json', ...headers },
  body: typeof body === 'string' ? body : JSON.stringify(body) });
async function fine() {
  const r = await post('/v1/completions', { prompt: 'Once', max_tokens: 2, temperature: 0 });
  assert.equal(r.status, 200);
  assert.equal((await r.json()).usage.completion_tokens, 2);
}
const raw = (text, ms) => new Promise(done => {     // what comes back on a bare connection within that time
  let got = '';
  const s = net.connect(port, hostname, () => s.write(text));
  s.on('data', d => got += d).on('error', () => done(got)).on('close', () => done(got));
  setTimeout(() => { s.destroy(); done(got); }, ms);
});
const memory = () => Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);
const threads = () => Number(/Threads:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);

await test('who may not ask', async () => {
  assert.match(await raw(`GET /health HTTP/1.1\r\nHost: evil.example\r\n\r\n`, 300), /^HTTP\/1.1 403/);
  assert.match(await raw(`GET /health HTTP/1.1\r\n\r\n`, 300), /^HTTP\/1.1 40[03]/);
  assert.equal((await fetch(url + '/health', { headers: { Origin: 'http://evil.example' } })).status, 403);
  assert.equal((await fetch(url + '/v1/chat/completions', { method: 'OPTIONS', headers: { Origin: 'http://evil.example' } })).status, 403);
});
await test('what is not there', async () => {
  assert.equal((await fetch(url + '/nothing')).status, 404);
  assert.equal((await fetch(url + '/v1/chat/completions')).status, 405);
  assert.equal((await fetch(url + '/slots/999?action=erase', { method: 'POST', body: '{}' })).status, 404);
});
await test('a body that is too large, or cut', async () => {
  assert.equal((await post('/v1/completions', { prompt: 'x'.repeat(2 << 20) })).status, 413);
  assert.equal((await post('/v1/completions', '{"prompt": ')).status, 400);
  await raw(`POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{"prompt`, 100);
  assert.match(await raw(`GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'y'.repeat(200000)}\r\n\r\n`, 500), /^HTTP\/1.1 4/);
});
await test('names of files are hashes', async () => {
  const r = await post('/slots/0?action=save', { filename: '../../../../tmp/llocal-evil' });
  assert.equal(r.status, 200);
  assert.ok(!fs.existsSync('/tmp/llocal-evil'));
  assert.ok(fs.readdirSync('snap').every(f => /^[0-9a-f]{16}\.(snap|slot)$/.test(f)));
  assert.equal((await post('/slots/0?action=restore', { filename: 'never saved' })).status, 404);
});
await test('fields of every wrong type', async () => {
  const values = [null, true, 0, -1, 1e308, 0.5, '', 'x', '\u0000', [], [1], [[]], {}, { type: 'x' }, [{ role: 'user' }], [null], 'a'.repeat(5000)];
  const bodies = {
    '/v1/chat/completions': { messages: [{ role: 'user', content: 'x' }], max_tokens: 1 },
    '/v1/completions': { prompt: 'x', max_tokens: 1 }, '/v1/responses': { input: 'x', max_output_tokens: 1 },
    '/v1/messages': { messages: [{ role: 'user', content: 'x' }], max_tokens: 1 }, '/v1/embeddings': { input: 'x' },
    '/v1/rerank': { query: 'x', documents: ['y'] }, '/api/chat': { model: 'tiny', messages: [{ role: 'user', content: 'x' }], options: { num_predict: 1 } },
    '/api/generate': { model: 'tiny', prompt: 'x', options: { num_predict: 1 } }, '/completion': { prompt: 'x', n_predict: 1 }, '/infill': { input_prefix: 'x', n_predict: 1 },
    '/tokenize': { content: 'x' }, '/detokenize': { tokens: [1] }, '/apply-template': { messages: [{ role: 'user', content: 'x' }] },
    '/v1/systemone': { state: 'x', questions: { a: { type: 'noul', instructions: 'b' } } }
  };
  const fields = ['model', 'messages', 'prompt', 'input', 'tools', 'tool_choice', 'response_format', 'stop', 'stream', 'stream_options', 'temperature', 'top_p', 'seed', 'n',
    'logprobs', 'top_logprobs', 'logit_bias', 'max_tokens', 'suffix', 'system', 'thinking', 'format', 'options', 'think', 'state', 'questions', 'query', 'documents', 'dimensions',
    'encoding_format', 'content', 'tokens', 'grammar', 'json_schema', 'id_slot', 'n_probs', 'reasoning_effort', 'chat_template_kwargs', 'instructions', 'text', 'input_extra'];
  let n = 0;
  for (const [path, body] of Object.entries(bodies)) for (const f of fields) {
    const all = values.map(v => post(path, { ...body, [f]: v }).then(async r => {
      const text = await r.text();
      n++;
      assert.ok([200, 400, 404, 429, 501].includes(r.status), `${path} ${f} ${JSON.stringify(v).slice(0, 60)}: ${r.status} ${text.slice(0, 200)}`);
    }));
    await Promise.all(all);
  }
  assert.ok(n > 9000, `${n} bodies`);
});
await test('a message cannot say a control token', async () => {
  const ask = async s => (await (await post('/apply-template', { messages: [{ role: 'user', content: s }] })).json()).n_tokens;
  assert.ok(await ask('<|endoftext|></s><|im_end|>') > await ask('') + 3);
});
await test('clients that go', async () => {
  const before = threads();
  for (let i = 0; i < 60; i++) {
    const abort = new AbortController();
    const p = fetch(url + '/v1/completions', { method: 'POST', body: JSON.stringify({ prompt: 'Once', max_tokens: 400, stream: i % 2 === 0, ignore_eos: true }), signal: abort.signal }).catch(() => {});
    setTimeout(() => abort.abort(), i % 7 * 5);
    await p;
  }
  for (let i = 0; i < 40 && threads() > before + 4; i++) await new Promise(r => setTimeout(r, 250));
  assert.ok(threads() <= before + 8, `${threads()} threads`);
});
await test('half-open connections and slow readers', async () => {
  const held = [...Array(40)].map((_, i) => net.connect(port, hostname, function () {
    this.pause();
    this.write(i % 2 ? 'POST /v1/compl' : `POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 58\r\n\r\n{"prompt":"x","max_tokens":300,"stream":true,"n":1       }`);
  }).on('error', () => {}));
  await new Promise(r => setTimeout(r, 300));
  await fine();
  held.forEach(s => s.destroy());
});
await test('ten thousand connections in turn', async () => {
  for (let i = 0; i < 100; i++) await Promise.all([...Array(100)].map(() => raw('GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n', 20000)
    .then(s => assert.match(s, /^HTTP\/1.1 (200|503)|^$/))));
});
await test('no memory is lost', async () => {
  const round = () => Promise.all([...Array(50)].map((_, i) => post('/v1/completions', { prompt: 'x '.repeat(i), max_tokens: 3 }).then(r => r.text())));
  for (let i = 0; i < 4; i++) await round();
  const before = memory();
  for (let i = 0; i < 20; i++) await round();
  assert.ok(memory() < before + 3000, `${before} -> ${memory()} KiB`);
});
console.log(`faults: ${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
