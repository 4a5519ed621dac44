// The client libraries that people use, unchanged, against a running server:
//     node clients.mjs URL [MODEL]
// The model may be any that chats: what is asked of answers is their form, not their sense.
import assert from 'node:assert/strict';
import OpenAI from 'openai';
import Anthropic from '@anthropic-ai/sdk';
import { Ollama } from 'ollama';
import { generateText, streamText, jsonSchema, tool, generateObject, embedMany, stepCountIs } from 'ai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import Ajv from 'ajv';

globalThis.AI_SDK_LOG_WARNINGS = false;
const url = process.argv[2], model = process.argv[3] ?? 'model', key = process.env.LLOCAL_API_KEY ?? 'none';
const openai = new OpenAI({ baseURL: url + '/v1', apiKey: key, maxRetries: 0 });
const anthropic = new Anthropic({ baseURL: url, apiKey: key, maxRetries: 0 });
const ollama = new Ollama({ host: url, headers: { Authorization: 'Bearer ' + key } });
const ai = createOpenAICompatible({ name: 'llocal', baseURL: url + '/v1', apiKey: key });
const hello = [{ role: 'user', content: 'Say hello.' }];
const schema = { type: 'object', properties: { name: { type: 'string', maxLength: 12 }, age: { type: 'integer', minimum: 0, maximum: 120 } }, required: ['name', 'age'], additionalProperties: false };
const city = { type: 'object', properties: { city: { type: 'string', maxLength: 20 } }, required: ['city'], additionalProperties: false };
const weather = { type: 'function', function: { name: 'weather', description: 'weather of a city', parameters: city } };
const valid = new Ajv().compile(schema);
let passed = 0, failed = 0;
async function test(name, run) {
  try { await run(); passed++; } catch (e) { failed++; console.log(`FAILED ${name}: ${e.stack ?? e}`); }
}
const gather = async (stream, take) => { let s = ''; for await (const x of stream) s += take(x) ?? ''; return s; };

await test('openai: models', async () => {
  const list = await openai.models.list();
  assert.ok(list.data.length >= 1);
  assert.equal((await openai.models.retrieve(list.data[0].id)).id, list.data[0].id);
});
await test('openai: chat, and the same as a stream', async () => {
  const o = { model, messages: hello, max_tokens: 12, temperature: 0 };
  const whole = await openai.chat.completions.create(o);
  assert.equal(whole.object, 'chat.completion');
  assert.ok(whole.usage.prompt_tokens > 0 && whole.usage.completion_tokens > 0);
  let usage, finish;
  const text = await gather(await openai.chat.completions.create({ ...o, stream: true, stream_options: { include_usage: true } }), x => {
    usage = x.usage ?? usage, finish = x.choices[0]?.finish_reason ?? finish;
    return x.choices[0]?.delta.content;
  });
  assert.equal(text, whole.choices[0].message.content);
  assert.equal(usage.completion_tokens, whole.usage.completion_tokens);
  assert.equal(finish, whole.choices[0].finish_reason);
});
await test('openai: n, seed, logprobs', async () => {
  const o = { model, messages: hello, max_tokens: 6, temperature: 1, seed: 7, n: 3, logprobs: true, top_logprobs: 2 };
  const a = await openai.chat.completions.create(o), b = await openai.chat.completions.create(o);
  assert.equal(a.choices.length, 3);
  assert.deepEqual(a.choices.map(c => c.message.content), b.choices.map(c => c.message.content));
  for (const t of a.choices[0].logprobs.content) {
    assert.ok(t.logprob <= 0 && t.top_logprobs.length === 2);
    assert.ok(Math.abs(t.bytes.length - Buffer.byteLength(t.token)) <= 3);
  }
});
await test('openai: stop strings do not come', async () => {
  const o = { model, messages: hello, max_tokens: 20, temperature: 0 };
  const text = (await openai.chat.completions.create(o)).choices[0].message.content, stop = text.slice(4, 7);
  const cut = await openai.chat.completions.create({ ...o, stop: [stop] });
  assert.equal(cut.choices[0].message.content, text.slice(0, text.indexOf(stop)));
  assert.equal(cut.choices[0].finish_reason, 'stop');
});
await test('openai: a schema is kept', async () => {
  for (let seed = 1; seed <= 5; seed++) {
    const r = await openai.chat.completions.create({ model, messages: [{ role: 'user', content: 'A person, please.' }], seed, temperature: 1.5, max_tokens: 60,
      response_format: { type: 'json_schema', json_schema: { name: 'person', strict: true, schema } } });
    assert.ok(valid(JSON.parse(r.choices[0].message.content)), r.choices[0].message.content);
  }
});
await test('openai: a tool is called, and answered', async () => {
  const messages = [{ role: 'user', content: 'What is the weather in Paris?' }];
  const o = { model, messages, tools: [weather], max_tokens: 80, temperature: 0 };
  const r = await openai.chat.completions.create({ ...o, tool_choice: 'required', parallel_tool_calls: false });
  const call = r.choices[0].message.tool_calls[0];
  assert.equal(call.function.name, 'weather');
  assert.equal(typeof JSON.parse(call.function.arguments).city, 'string');
  const streamed = {};
  for await (const x of await openai.chat.completions.create({ ...o, tool_choice: 'required', parallel_tool_calls: false, stream: true }))
    for (const t of x.choices[0]?.delta.tool_calls ?? []) streamed[t.index] = (streamed[t.index] ?? '') + (t.function.arguments ?? '');
  assert.equal(streamed[0], call.function.arguments);
  messages.push(r.choices[0].message, { role: 'tool', tool_call_id: call.id, content: 'sunny' });
  assert.equal(typeof (await openai.chat.completions.create({ ...o, tool_choice: 'none', max_tokens: 8 })).choices[0].message.content, 'string');
});
await test('openai: completions', async () => {
  const r = await openai.completions.create({ model, prompt: 'Once upon a time', max_tokens: 5, echo: true, logprobs: 1, temperature: 0 });
  assert.ok(r.choices[0].text.startsWith('Once upon a time'));
  assert.equal(r.choices[0].logprobs.tokens.length, r.usage.completion_tokens);
});
await test('openai: completions of several prompts', async () => {
  const o = { model, max_tokens: 5, temperature: 0 }, prompts = ['Once upon a time', 'There was a cat', 'It rains'];
  const alone = [];
  for (const prompt of prompts) alone.push(await openai.completions.create({ ...o, prompt }));
  const all = await openai.completions.create({ ...o, prompt: prompts, echo: true, n: 2 });
  assert.deepEqual(all.choices.map(c => c.text), [0, 0, 1, 1, 2, 2].map(i => prompts[i] + alone[i].choices[0].text));
  assert.equal(all.usage.prompt_tokens, alone.reduce((s, r) => s + r.usage.prompt_tokens, 0));
  await assert.rejects(openai.completions.create({ ...o, prompt: prompts, n: 9 }), e => e.status === 400 && e.param === 'prompt');
});
await test('openai: responses, whole and streamed', async () => {
  const o = { model, input: 'Say hello.', instructions: 'Be brief.', max_output_tokens: 8, temperature: 0 };
  const r = await openai.responses.create(o);
  assert.ok(r.output_text.length > 0);
  let done;
  const text = await gather(await openai.responses.create({ ...o, stream: true }), x => {
    if (x.type === 'response.completed' || x.type === 'response.incomplete') done = x.response;
    return x.type === 'response.output_text.delta' ? x.delta : '';
  });
  assert.equal(text, r.output_text);
  assert.equal(done.output[0].content[0].text, text);
  const stream = openai.responses.stream({ ...o, input: 'Weather in Rome?', max_output_tokens: 60, tools: [{ type: 'function', name: 'weather', parameters: city, strict: true }], tool_choice: 'required' });
  const final = await stream.finalResponse();
  assert.equal(final.output.find(x => x.type === 'function_call').name, 'weather');
});
await test('openai: vectors, as numbers and as base64', async () => {
  const o = { model, input: ['one text', 'another text'] };
  const a = await openai.embeddings.create({ ...o, encoding_format: 'float' }), b = await openai.embeddings.create(o);
  assert.equal(a.data.length, 2);
  assert.ok(Math.abs(a.data[0].embedding.reduce((s, x) => s + x * x, 0) - 1) < 1e-3);
  assert.ok(a.data[0].embedding.every((x, i) => Math.abs(x - b.data[0].embedding[i]) < 1e-6));
  assert.equal((await openai.embeddings.create({ ...o, dimensions: 16 })).data[0].embedding.length, 16);
});
await test('openai: an answer is broken off, and the server goes on', async () => {
  const abort = new AbortController();
  let n = 0;
  await assert.rejects(async () => {
    for await (const x of await openai.chat.completions.create({ model, messages: hello, max_tokens: 200, stream: true }, { signal: abort.signal }))
      if (x && ++n === 3) abort.abort();
    if (n) throw new Error('aborted');
  });
  assert.equal((await openai.chat.completions.create({ model, messages: hello, max_tokens: 1 })).choices.length, 1);
});
await test('openai: errors name the field', async () => {
  await assert.rejects(openai.chat.completions.create({ model, messages: hello, temperature: 'hot' }), e => e.status === 400 && e.param === 'temperature');
  await assert.rejects(openai.chat.completions.create({ model, messages: [{ role: 'user', content: 'x '.repeat(200000) }] }), e => e.status === 400);
  await assert.rejects(openai.chat.completions.create({ model, messages: hello, response_format: { type: 'json_schema', json_schema: { name: 'x', schema: { type: 'string', pattern: '(?=a)b' } } } }), e => e.status === 400);
});
await test('anthropic: messages, counted, whole and streamed', async () => {
  const o = { model, max_tokens: 12, messages: hello, system: 'Be brief.', temperature: 0 };
  const n = await anthropic.messages.countTokens({ model, messages: hello, system: 'Be brief.' });
  const r = await anthropic.messages.create(o);
  assert.equal(r.usage.input_tokens + r.usage.cache_read_input_tokens, n.input_tokens);
  const stream = anthropic.messages.stream(o);
  const final = await stream.finalMessage();
  assert.deepEqual(final.content.map(x => x.text), r.content.map(x => x.text));
  assert.equal(final.stop_reason, r.stop_reason);
});
await test('anthropic: a tool, and its result', async () => {
  const tools = [{ name: 'weather', description: 'weather of a city', input_schema: city }];
  const ask = { role: 'user', content: 'What is the weather in Rome?' };
  const r = await anthropic.messages.stream({ model, max_tokens: 80, messages: [ask], tools, tool_choice: { type: 'tool', name: 'weather', disable_parallel_tool_use: true } }).finalMessage();
  const use = r.content.find(x => x.type === 'tool_use');
  assert.equal(use.name, 'weather');
  assert.equal(typeof use.input.city, 'string');
  const next = await anthropic.messages.create({ model, max_tokens: 8, tools, tool_choice: { type: 'none' }, messages: [ask, { role: 'assistant', content: r.content },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: use.id, content: 'rain' }] }] });
  assert.equal(next.role, 'assistant');
  await assert.rejects(anthropic.messages.create({ model, messages: hello }), e => e.status === 400 && /max_tokens/.test(e.message));
});
await test('ollama: chat, generate, embed, list', async () => {
  const o = { model, messages: hello, options: { num_predict: 8, temperature: 0 } };
  const r = await ollama.chat(o);
  assert.ok(r.done && r.eval_count > 0);
  assert.equal(await gather(await ollama.chat({ ...o, stream: true }), x => x.message.content), r.message.content);
  const g = await ollama.generate({ model, prompt: 'Say hello.', options: { num_predict: 8, temperature: 0 } });
  assert.equal(g.response, r.message.content);
  assert.equal((await ollama.embed({ model, input: ['a', 'b'] })).embeddings.length, 2);
  assert.ok((await ollama.list()).models.length >= 1);
  const j = await ollama.chat({ ...o, format: schema, options: { num_predict: 60 } });
  assert.ok(valid(JSON.parse(j.message.content)), j.message.content);
  const t = await ollama.chat({ ...o, tools: [weather], options: { num_predict: 40 } });
  assert.equal(t.message.role, 'assistant');
  const stream = await ollama.chat({ ...o, stream: true, options: { num_predict: 300 } });
  await assert.rejects(async () => { for await (const x of stream) if (x) ollama.abort(); });
});
await test('ollama: durations, details and what is open are told as they are', async () => {
  const r = await ollama.chat({ model, messages: hello, options: { num_predict: 8 } });
  assert.ok(r.load_duration > 0 && r.prompt_eval_duration >= 0 && r.eval_duration > 0);
  assert.ok(r.total_duration >= r.load_duration + r.prompt_eval_duration + r.eval_duration, JSON.stringify(r));
  assert.ok(Math.abs(new Date(r.created_at) - Date.now()) < 60000);
  assert.ok((await ollama.embed({ model, input: 'a' })).load_duration > 0);
  const m = (await ollama.list()).models[0], d = m.details;
  assert.ok(m.size > 0 && d.family && d.families[0] === d.family && /^[1-9][0-9.]*[MB]$/.test(d.parameter_size) && /^I?[FQ]/.test(d.quantization_level), JSON.stringify(m));
  const open = (await ollama.ps()).models[0];
  assert.ok(open.context_length > 0 && open.size > 0 && new Date(open.expires_at) > new Date(), JSON.stringify(open));
  assert.equal(open.digest, m.digest);
  const about = await ollama.show({ model });
  assert.ok(about.template.length > 0 && about.capabilities.includes('completion') && about.model_info[`${d.family}.context_length`] > 0, JSON.stringify(about));
  assert.equal((await ollama.generate({ model, prompt: '' })).done_reason, 'load');
});
await test('what was read is told as it is, in each interface', async () => {
  const ask = { role: 'user', content: 'Tell me about the colour of the sea in the morning, when all is calm.' }, o = { model, messages: [ask], temperature: 0 };
  const read = await openai.chat.completions.create({ ...o, max_completion_tokens: 0 });
  assert.equal(read.usage.completion_tokens, 0);
  assert.equal(read.choices[0].finish_reason, 'length');
  const next = (await openai.chat.completions.create({ ...o, max_completion_tokens: 4 })).usage;
  assert.ok(next.prompt_tokens_details.cached_tokens >= next.prompt_tokens - 1, JSON.stringify(next));
  const began = {};
  const final = await anthropic.messages.stream({ ...o, max_tokens: 5 }).on('streamEvent', e => e.type === 'message_start' && Object.assign(began, e.message.usage)).finalMessage();
  assert.equal(began.input_tokens, final.usage.input_tokens);
  assert.equal(began.cache_read_input_tokens, final.usage.cache_read_input_tokens);
  const c = (await openai.completions.create({ model, prompt: 'Once upon', max_tokens: 4, echo: true, logprobs: 0, temperature: 0 })).choices[0];
  assert.equal(c.logprobs.text_offset[0], 'Once upon'.length);
  c.logprobs.tokens.forEach((t, i) => assert.ok(c.text.startsWith(t, c.logprobs.text_offset[i]) || t === '</s>', JSON.stringify(c)));
  const r = await openai.responses.create({ model, input: 'Say hello.', max_output_tokens: 3, metadata: { who: 'me' }, reasoning: { effort: 'low' } });
  assert.deepEqual([r.metadata.who, r.reasoning.effort, r.max_output_tokens, r.store, r.text.format.type], ['me', 'low', 3, false, 'text']);
  assert.equal(r.output.at(-1).status, r.status);
  const j = await anthropic.messages.create({ model, max_tokens: 60, messages: [{ role: 'user', content: 'A person, please.' }], output_config: { format: { type: 'json_schema', schema } } });
  assert.ok(valid(JSON.parse(j.content[0].text)), JSON.stringify(j));
  const props = await (await fetch(url + '/props', { headers: { Authorization: 'Bearer ' + key } })).json();
  assert.ok(props.chat_template.length > 0 && props.total_slots > 0 && 'bos_token' in props);
});
await test('ai: text, stream, object, tools, vectors', async () => {
  const m = ai(model);
  const r = await generateText({ model: m, prompt: 'Say hello.', maxOutputTokens: 8, temperature: 0 });
  const s = streamText({ model: m, prompt: 'Say hello.', maxOutputTokens: 8, temperature: 0 });
  assert.equal(await gather(s.textStream, x => x), r.text);
  const withSchema = createOpenAICompatible({ name: 'llocal', baseURL: url + '/v1', apiKey: key, supportsStructuredOutputs: true })(model);
  const o = await generateObject({ model: withSchema, schema: jsonSchema(schema), prompt: 'A person.', maxOutputTokens: 60 });
  assert.ok(valid(o.object));
  const asked = [];
  await generateText({ model: m, prompt: 'Weather in Oslo?', maxOutputTokens: 60, toolChoice: 'required', stopWhen: stepCountIs(1),
    tools: { weather: tool({ description: 'weather', inputSchema: jsonSchema(city), execute: async x => { asked.push(x.city); return 'cold'; } }) } });
  assert.ok(asked.length >= 1);
  const v = await embedMany({ model: ai.textEmbeddingModel(model), values: ['a', 'b'] });
  assert.equal(v.embeddings.length, 2);
});
await test('decisions tell chances, and what was read', async () => {
  const r = await fetch(url + '/v1/systemone', { method: 'POST', headers: { Authorization: 'Bearer ' + key }, body: JSON.stringify({ model,
    state: 'The server is down.', questions: { urgent: { type: 'noul', instructions: 'Is this urgent?' },
      what: { type: 'choice', instructions: 'What is it?', criteria: { bill: 'money', outage: 'something is broken' } } } }) });
  const o = await r.json();
  assert.ok(o.answers.urgent.noul > 0 && o.answers.urgent.noul < 1);
  assert.ok(Math.abs(Object.values(o.answers.what.probabilities).reduce((a, b) => a + b) - 1) < 1e-3);
  assert.ok(o.usage.input_tokens > 20 && o.usage.input_tokens < 400, JSON.stringify(o.usage));
});
await test('a decision does not hold up a reply', async () => {
  const questions = {};
  for (let i = 0; i < 30; i++) questions['q' + i] = { type: 'noul', instructions: `Is this about the number ${i}, and nothing else?` };
  const seen = [];
  const stream = await openai.chat.completions.create({ model, messages: [{ role: 'user', content: 'Tell a long story.' }], max_tokens: 300, stream: true, ignore_eos: true });
  let decided, begin;
  for await (const _ of stream) {
    seen.push(performance.now());
    begin ??= performance.now();
    decided ??= fetch(url + '/v1/systemone', { method: 'POST', headers: { Authorization: 'Bearer ' + key }, body: JSON.stringify({ model,
      state: 'The server is down. '.repeat(12), questions }) }).then(r => r.json()).then(answer => ({ answer, end: performance.now() }));
  }
  const { answer, end } = await decided;
  assert.equal(Object.keys(answer.answers).length, 30);
  const late = seen.filter(t => t > (begin + end) / 2 && t < end).length;
  assert.ok(late > 2, `${late} of ${seen.length} pieces came in the second half of ${end - begin} ms`);
});
await test('many at once give what each gives alone', async () => {
  const one = i => openai.chat.completions.create({ model, messages: [{ role: 'user', content: `Tell me about the number ${i}.` }], max_tokens: 12, temperature: 0.9, seed: i });
  const texts = r => r.choices[0].message.content;
  const alone = [];
  for (let i = 0; i < 6; i++) alone.push(texts(await one(i)));
  assert.deepEqual((await Promise.all([...Array(6).keys()].map(one))).map(texts), alone);
});
console.log(`clients: ${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
