// examples/mcp.c with the official SDK of the Model Context Protocol, unchanged, and with what goes wrong:
//     node mcp.mjs MCP MODEL INDEX QUESTIONS [MAILDIR]
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';

const [program, model, index, questions, mail] = process.argv.slice(2);
const args = ['--find', model, '--index', index, '--triage', model, '--questions', questions, ...(mail ? ['--mail', mail, '--state', ':memory:'] : [])];
let passed = 0, failed = 0;
async function test(name, run) {
  try { await run(); passed++; } catch (e) { failed++; console.log(`FAILED mcp, ${name}: ${e.stack ?? e}`); }
}
async function connect(more = []) {
  const client = new Client({ name: 'test', version: '1' });
  const transport = new StdioClientTransport({ command: program, args: [...args, ...more], stderr: 'inherit' });
  await client.connect(transport);
  return client;
}
// a bare conversation: lines in, the messages that come back until it ends
const bare = (lines, more = args) => new Promise(done => {
  const p = spawn(program, more, { stdio: ['pipe', 'pipe', 'ignore'] });
  let out = '';
  p.stdout.on('data', d => out += d);
  p.on('close', status => done({ status, said: out.split('\n').filter(x => x).map(x => JSON.parse(x)) }));
  p.stdin.on('error', () => {});   // a program that refuses its options is gone before it reads
  p.stdin.end(lines.map(x => (typeof x === 'string' ? x : JSON.stringify(x)) + '\n').join(''));
});
const ask = (id, method, params) => ({ jsonrpc: '2.0', id, method, ...(params ? { params } : {}) });
const hello = version => ask(0, 'initialize', { protocolVersion: version, capabilities: {}, clientInfo: { name: 'bare', version: '1' } });

const client = await connect();
await test('who it is', async () => {
  assert.equal(client.getServerVersion().name, 'llocal');
  assert.ok(client.getServerCapabilities().tools);
  await client.ping();
});
await test('tools', async () => {
  const { tools } = await client.listTools();
  assert.deepEqual(tools.map(t => t.name), ['find', 'triage']);
  for (const t of tools) assert.ok(t.annotations.readOnlyHint && t.inputSchema.type === 'object' && t.outputSchema);
  assert.equal('mail' in tools[1].inputSchema.properties, !!mail);
});
await test('find', async () => {
  const r = await client.callTool({ name: 'find', arguments: { question: 'insurance leaks', k: 2 } });   // checked by its output schema
  assert.equal(r.structuredContent.found.length, 2);
  assert.match(r.structuredContent.found[0].path, /roof\.md$/);
  assert.deepEqual(JSON.parse(r.content[0].text), r.structuredContent);
});
await test('find: a question is no option and no command', async () => {
  for (const question of ['-m', '--answer', 'index', '-d /etc/passwd', '; touch evil', '$(touch evil)', '"\n\u0001ä'])
    assert.ok(!(await client.callTool({ name: 'find', arguments: { question } })).isError, question);
});
await test('triage', async () => {
  const texts = [{ text: 'Your parcel is on its way and arrives on Friday', id: 'a' }, { text: 'Team meeting starts in 10 minutes, please join now', subject: 'Meeting\n{' }];
  const { decided } = (await client.callTool({ name: 'triage', arguments: { texts } })).structuredContent;
  assert.deepEqual(decided.map(d => d.answers.topic.answer), ['delivery', 'meeting']);
  assert.equal(decided[0].id, 'a');
  assert.deepEqual(decided[1].would, ['flag', 'digest Today']);
});
if (mail) await test('triage of the mail', async () => {
  const { decided } = (await client.callTool({ name: 'triage', arguments: { mail: true } })).structuredContent;
  assert.equal(decided.length, 4);
  assert.ok(decided.every(d => d.path.startsWith(mail)));
});
await test('wrong arguments are told to the model', async () => {
  for (const [name, a] of [['find', {}], ['find', { question: 5 }], ['find', { question: 'x', k: 51 }], ['find', { question: 'x', k: 'y' }], ['triage', {}],
    ['triage', { texts: [] }], ['triage', { texts: ['x'] }], ['triage', { texts: [{ text: 1 }] }], ['triage', { texts: [{ text: 'x', from: {} }] }],
    ['triage', { texts: [{ text: 'x' }], mail: true }], ['triage', { mail: 1 }]]) {
    const r = await client.callTool({ name, arguments: a });
    assert.ok(r.isError && r.content[0].text.length > 10, JSON.stringify([name, a, r]));
  }
});
await test('a tool that is not there', async () => {
  await assert.rejects(client.callTool({ name: 'rm', arguments: {} }), /-32602|no tool/);
});
await test('many at once, and a ping between', async () => {
  const all = Array.from({ length: 12 }, (_, i) => client.callTool({ name: 'find', arguments: { question: `question ${i}`, k: 1 } }));
  await client.ping();
  for (const r of await Promise.all(all)) assert.equal(r.structuredContent.found.length, 1);
});
await test('a call that is given up', async () => {
  const stop = new AbortController();
  const call = client.callTool({ name: 'triage', arguments: { texts: Array.from({ length: 200 }, (_, i) => ({ text: `Message ${i} says something` })) } }, undefined, { signal: stop.signal });
  setTimeout(() => stop.abort(), 100);
  await assert.rejects(call);
  assert.ok(!(await client.callTool({ name: 'find', arguments: { question: 'bees' } })).isError);
});
await client.close();

await test('what fails is said', async () => {
  const late = await connect(['--timeout', '0.001']);
  assert.match((await late.callTool({ name: 'find', arguments: { question: 'x' } })).content[0].text, /too long/);
  await late.close();
  const none = await connect(['--index', '/nowhere/at/all.db']);
  const r = await none.callTool({ name: 'find', arguments: { question: 'x' } });
  assert.ok(r.isError && /find: error/.test(r.content[0].text));
  await none.close();
});
await test('versions', async () => {
  for (const [wanted, got] of [['2025-06-18', '2025-06-18'], ['2025-11-25', '2025-11-25'], ['2024-11-05', '2025-11-25'], ['2099-01-01', '2025-11-25']])
    assert.equal((await bare([hello(wanted)])).said[0].result.protocolVersion, got);
});
await test('what is no message', async () => {
  const { status, said } = await bare(['{', '[]', '[{"jsonrpc":"2.0","id":1,"method":"ping"}]', '7', '{"jsonrpc":"1.0","id":1,"method":"ping"}', ask(1, 'tools/list'),
    ask(null, 'ping'), ask(1.5, 'ping'), ask({}, 'ping'), { jsonrpc: '2.0', id: 2 }, ask(3, 'ping', [1]), hello('2025-06-18'), ask(4, 'nothing/there'), ask('s', 'ping'),
    { jsonrpc: '2.0', method: 'notifications/unknown' }, { jsonrpc: '2.0', id: 9, result: {} }, ask(5, 'tools/call', { name: 'find', arguments: [] }), '', 'x'.repeat(5 << 20),
    ask(6, 'tools/call', { name: 'find', arguments: { question: 'bees', k: 1 } })]);
  assert.equal(status, 0);
  assert.deepEqual(said.map(m => m.error?.code ?? 'ok'), [-32700, -32600, -32600, -32600, -32600, -32600, -32600, -32600, -32600, -32600, -32602, 'ok', -32601, 'ok', -32602, -32600, 'ok']);
  assert.equal(said.at(-1).result.structuredContent.found.length, 1);     // the input had ended meanwhile
  assert.equal(said[13].id, 's');
});
await test('only what is configured', async () => {
  const { said } = await bare([hello('2025-11-25'), ask(1, 'tools/list'), ask(2, 'tools/call', { name: 'triage', arguments: {} })], ['--find', model, '--index', index]);
  assert.deepEqual(said[1].result.tools.map(t => t.name), ['find']);
  assert.equal(said[2].error.code, -32602);
  assert.equal((await bare([], [])).status, 1);
  assert.equal((await bare([], ['--find', model])).status, 1);
});
console.log(`mcp: ${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
