// What prompts begin with, of models that cannot go back to any place (a state, windows): a new conversation with an earlier
// one's system message evaluates only what is new, also when all slots have moved on, after a restart, and after kill -9;
// and what is answered is what a server says that remembers nothing.   node prefix.mjs SERVE TEMPLATE MODEL...
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { end, serve, test } from './server.mjs';

const [program, template, ...models] = process.argv.slice(2);
const start = (model, ...more) => serve(program, '-m', model, '--chat-template-file', template, '-np', '2', '-t', '1', ...more);
const post = async (p, path, body) => {
  const r = await fetch(p.url + path, { method: 'POST', body: JSON.stringify({ temperature: 0, max_tokens: 24, ...body }) });
  assert.equal(r.status, 200, r.status === 200 ? '' : await r.clone().text());
  return r.json();
};
const chat = async (p, system, said, more = {}) => {
  const messages = [{ role: 'system', content: system }, ...said.map((content, i) => ({ role: i % 2 ? 'assistant' : 'user', content }))];
  const o = await post(p, '/v1/chat/completions', { messages, ...more });
  return { text: o.choices[0].message.content, read: o.usage.prompt_tokens - o.usage.prompt_tokens_details.cached_tokens, all: o.usage.prompt_tokens };
};
const system = n => `Rule ${n}: the keeper of the lighthouse writes down each ship that passes, with its name, its flag and the hour, and rings the bell twice when there is fog. `;

for (const model of models) {
  const name = model.replace(/^.*\//, '').replace('.gguf', ''), dir = `prefix-${name}`, plain = await start(model, '--places-mib', '0');
  const same = async (p, s, said, most) => {
    const a = await chat(p, s, said), b = await chat(plain, s, said, { cache_prompt: false });
    assert.equal(b.read, b.all, 'the other reads all');
    assert.equal(a.text, b.text, 'what is remembered changes the answer');
    assert.ok(a.read <= most, `${a.read} of ${a.all} tokens were read, ${most} at most are new`);
  };
  fs.rmSync(dir, { recursive: true, force: true });
  let p = await start(model, '--snapshots', dir);
  await test(`${name}: a system message that is known`, async () => {
    await same(p, system(1), ['Who are you?'], 400);
    await same(p, system(1), ['What is a ship?'], 30);
    await same(p, system(1), ['And a flag?'], 30);
  });
  await test(`${name}: all slots have moved on`, async () => {
    for (const n of [2, 3, 4]) await same(p, system(n), ['Who are you?'], 400);
    await same(p, system(1), ['What is fog?'], 30);
    await Promise.all([1, 2, 3, 4].map(n => same(p, system(n), [`Number ${n}?`], 30)));
  });
  await test(`${name}: all but the last message is known`, async () => {
    const said = ['What is the name of the ship that passed at noon, and where did it come from?', 'It was the Albatross, and nobody on land knew where from.'];
    await same(p, system(1), [...said, 'And then?'], 220);
    await same(p, system(1), [...said, 'And before it?'], 40);
  });
  await test(`${name}: a text that is no conversation`, async () => {
    const text = system(5).repeat(2), ask = (q, end, more) => post(q, '/v1/completions', { prompt: text + end, ...more });
    await ask(p, 'One.');
    const a = await ask(p, 'Another.'), b = await ask(plain, 'Another.', { cache_prompt: false });
    assert.equal(a.choices[0].text, b.choices[0].text);
    assert.equal(a.usage.prompt_tokens_details.cached_tokens, 256);
  });
  for (const how of ['SIGINT', 'SIGKILL']) await test(`${name}: begun again after ${how}`, async () => {
    await same(p, system(6), [how], 400);
    if (how === 'SIGKILL') await new Promise(r => setTimeout(r, 4000));      // with nothing to do it writes
    p.kill(how);
    assert.equal(await p.ended, how === 'SIGINT' ? 0 : null);
    p = await start(model, '--snapshots', dir);
    await same(p, system(6), ['What is a bell?'], 30);
    await same(p, system(1), ['What is an hour?'], 30);
  });
  p.kill('SIGINT'), plain.kill('SIGINT');
  await p.ended, await plain.ended;
}
end('prefix');
