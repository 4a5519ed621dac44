// Many clients at once, or one, for a long time: no error, no token lost (each answer is, to the byte, that of the same
// request alone), and memory does not grow.   node soak.mjs URL PID CLIENTS SECONDS [PAUSE: ms between requests of a client]
import fs from 'node:fs';
import http from 'node:http';

const [url, pid, clients, seconds, pause = 0] = process.argv.slice(2).map((x, i) => i ? Number(x) : x), { hostname, port } = new URL(url);
const agent = new http.Agent({ keepAlive: true, maxSockets: 200 });
const schema = { type: 'object', properties: { name: { type: 'string', maxLength: 12 }, age: { type: 'integer', minimum: 0, maximum: 120 } }, required: ['name', 'age'], additionalProperties: false };
const topics = ['a lighthouse', 'the number seven', 'bread', 'a dog that sings', 'winter', 'an old map', 'three ships', 'the moon', 'a clockmaker', 'rain'];
const systems = ['Be brief.', 'You are a friendly assistant who answers in one short sentence and never uses long words, whatever is asked of you.'];

// What clients ask: each interface, greedy and at random, with schemas, prompts of 10 to 250 tokens.
function request(i) {
  const ask = `Tell me about ${topics[i % topics.length]}.`, max = 8 + i * 7 % 41, temperature = i % 3 ? 0.8 : 0, seed = i;
  const messages = [{ role: 'system', content: systems[i % 2] }, { role: 'user', content: (i % 5 ? '' : 'Some notes to begin with. '.repeat(1 + i % 7 * 6)) + ask }];
  switch (i % 4) {
  case 0: return ['/v1/chat/completions', { messages, max_tokens: max, temperature, seed, stream: true, ...(i % 8 ? {} : { response_format: { type: 'json_schema', json_schema: { name: 'x', schema } }, max_tokens: 60 }) }, x => x.choices?.[0]?.delta.content];
  case 1: return ['/v1/completions', { prompt: ask, max_tokens: max, temperature, seed, stream: true, n: 1 }, x => x.choices?.[0]?.text];
  case 2: return ['/api/chat', { model: 'model', messages, options: { num_predict: max, temperature, seed } }, x => x.message?.content];
  default: return ['/v1/messages', { system: systems[i % 2], messages: messages.slice(1), max_tokens: max, temperature, seed, stream: true }, x => x.delta?.text];
  }
}
const requests = [...Array(48).keys()].map(request);
let n_tokens = 0;

// The text of a streamed answer; stop: so many pieces, then the client goes.
const stream = ([path, body, take], stop = Infinity) => new Promise((ok, no) => {
  let text = '', left = '', pieces = 0, over = false;
  const q = http.request({ hostname, port, path, method: 'POST', agent, headers: { 'Content-Type': 'application/json' } }, r => {
    r.setEncoding('utf8');
    r.on('data', d => {
      const lines = (left + d).split('\n');
      left = lines.pop();
      for (const line of lines) {
        const s = line.startsWith('data: ') ? line.slice(6) : line;
        if (!s.startsWith('{') || over) continue;
        const o = JSON.parse(s);
        if (r.statusCode !== 200 || o.error) { over = true; return no(new Error(`${path}: ${r.statusCode} ${s.slice(0, 300)}`)); }
        const piece = take(o);
        if (piece) text += piece, n_tokens++;
        if (piece && ++pieces >= stop) { over = true; ok(text); q.destroy(); return; }
      }
    });
    r.on('end', () => over || r.statusCode !== 200 ? no(new Error(`${path}: ${r.statusCode} ${left.slice(0, 300)}`)) : ok(text));
    r.on('error', e => over || no(e));
  });
  q.on('error', e => over || no(e));
  q.end(JSON.stringify(body));
});

const memory = () => Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);
// KiB that a straight line gains from the first to the last, through the least of each fortieth: buffers of states that are
// on their way to disk come and go.
function gain(samples) {
  const some = Math.ceil(samples.length / 40), list = [];
  for (let i = 0; i < samples.length; i += some) list.push(samples.slice(i, i + some).reduce((a, b) => (b[1] < a[1] ? b : a)));
  const n = list.length, mean = f => list.reduce((s, x) => s + f(x), 0) / n, t = mean(x => x[0]), m = mean(x => x[1]);
  const slope = mean(x => (x[0] - t) * (x[1] - m)) / mean(x => (x[0] - t) ** 2);
  return slope * (list[n - 1][0] - list[0][0]);
}

console.log(`soak: ${clients} clients, ${seconds} s`);
const alone = [];
for (const r of requests) alone.push(await stream(r));
console.log(`alone: ${requests.length} answers, ${n_tokens} pieces`);
const begin = Date.now(), samples = [], now = () => (Date.now() - begin) / 1000;
let asked = 0, wrong = 0, failed = 0, gone = 0, next = 0;
n_tokens = 0;
const watch = setInterval(() => samples.push([now(), memory()]), 1000);
const told = setInterval(() => console.log(`${now().toFixed(0)} s: ${asked} answers, ${gone} broken off, ${n_tokens} pieces, ${wrong} wrong, ${failed} failed, ${memory()} KiB`), 60000);
await Promise.all([...Array(clients).keys()].map(async () => {
  while (now() < seconds) {
    const i = next++ * 29 % requests.length, stop = next % 17 ? Infinity : 1 + next % 5;
    try {
      const text = await stream(requests[i], stop);
      asked++, gone += stop < Infinity;
      if (stop < Infinity ? !alone[i].startsWith(text) : text !== alone[i]) wrong++, console.log(`WRONG ${i}: ${JSON.stringify(text)}, alone ${JSON.stringify(alone[i])}`);
    } catch (e) { failed++; console.log(`FAILED ${i}: ${e.message}`); }
    if (pause) await new Promise(r => setTimeout(r, pause));
  }
}));
clearInterval(watch), clearInterval(told);
const warm = samples.slice(Math.floor(samples.length / 4)), grown = gain(warm);
const most = 8192;      // the end of a slot's memory is touched late
const bad = wrong + failed + (grown > most) + (asked < 1);
console.log(`memory: ${samples[0][1]} KiB at first, ${warm[0][1]} after a quarter, ${samples.at(-1)[1]} at the end; the line from there on gains ${grown.toFixed(0)} KiB`);
console.log(`soak: ${asked} answers (${gone} of them broken off) in ${now().toFixed(0)} s, ${(n_tokens / now()).toFixed(1)} pieces/s, ${wrong} wrong, ${failed} failed${bad ? ': FAILED' : ''}`);
process.exit(bad ? 1 : 0);
