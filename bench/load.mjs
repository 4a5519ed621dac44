// Tokens a second over all slots, and the time to the first token, of servers that speak /v1/completions, in turn:
//     node load.mjs [-c CLIENTS] [-n REQUESTS a round] [-p WORDS of a prompt] [-g TOKENS] [-r ROUNDS] NAME=URL NAME=URL ...
// Each client asks for one answer after another; prompts differ from their first word on, so nothing is known of them.
// PID: the server's process, whose processor time is told, too (NAME=URL=PID).
import fs from 'node:fs';
import http from 'node:http';

const o = { c: 4, n: 16, p: 100, g: 64, r: 3 }, servers = [];
for (let i = 2; i < process.argv.length; i++) {
  const a = process.argv[i];
  if (a[0] === '-') o[a[1]] = Number(process.argv[++i]);
  else { const [name, url, pid] = a.split('='); servers.push({ name, url: new URL(url), pid, first: [], rates: [], cpu: [], agent: new http.Agent({ maxSockets: 200 }) }); }
}
let seed = 1;
const random = n => (seed = seed * 48271 % 2147483647) % n;
const words = 'river stone market window garden letter summer winter bridge doctor candle forest yellow silver morning evening captain village music paper'.split(' ');
const prompt = () => [...Array(o.p)].map(() => words[random(words.length)]).join(' ') + '.';
const cpu = pid => { const f = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' '); return (Number(f[11]) + Number(f[12])) / 100; };

const ask = (s, text) => new Promise((ok, no) => {
  const begin = performance.now(), body = JSON.stringify({ prompt: text, max_tokens: o.g, temperature: 0, stream: true, ignore_eos: true, cache_prompt: false, stream_options: { include_usage: true } });
  let first = 0, left = '', tokens = 0;
  const q = http.request({ hostname: s.url.hostname, port: s.url.port, path: '/v1/completions', method: 'POST', agent: s.agent, headers: { 'Content-Type': 'application/json' } }, r => {
    r.setEncoding('utf8');
    r.on('data', d => {
      const lines = (left + d).split('\n');
      left = lines.pop();
      for (const line of lines) {
        if (!line.startsWith('data: {')) continue;
        const x = JSON.parse(line.slice(6));
        if (!first) first = performance.now() - begin;
        if (x.usage) tokens = x.usage.completion_tokens;
      }
    });
    r.on('end', () => r.statusCode === 200 && tokens ? ok({ first, tokens }) : no(new Error(`${s.name}: ${r.statusCode}, ${tokens} tokens`)));
  });
  q.on('error', no);
  q.end(body);
});
const quantile = (list, p) => list.sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(p * list.length))];
const median = list => quantile([...list], 0.5);

for (const s of servers) await ask(s, prompt());            // what is read first is read
for (let round = 0; round < o.r; round++) {
  const prompts = [...Array(o.n)].map(prompt);
  for (const s of servers) {
    let next = 0, tokens = 0;
    const begin = performance.now(), used = s.pid ? cpu(s.pid) : 0;
    await Promise.all([...Array(o.c)].map(async () => {
      while (next < o.n) { const a = await ask(s, prompts[next++]); s.first.push(a.first), tokens += a.tokens; }
    }));
    s.rates.push(tokens / (performance.now() - begin) * 1000);
    if (s.pid) s.cpu.push(tokens / (cpu(s.pid) - used));
  }
}
console.log(`${o.c} clients, ${o.n} answers of ${o.g} tokens to prompts of ${o.p} words, ${o.r} rounds in turn`);
for (const s of servers)
  console.log(`${s.name}: ${median(s.rates).toFixed(1)} tokens/s (${s.rates.map(x => x.toFixed(1)).join(', ')})${s.pid ? `, ${median(s.cpu).toFixed(1)} for each second of a core` : ''}; first token after ${[0.5, 0.95, 0.99].map(p => (quantile(s.first, p) / 1000).toFixed(2)).join(', ')} s (p50, p95, p99)`);
if (servers.length === 2) console.log(`ratio of the rounds: ${median(servers[0].rates.map((x, i) => x / servers[1].rates[i])).toFixed(2)}${servers[0].pid && servers[1].pid ? `, by processor time ${median(servers[0].cpu.map((x, i) => x / servers[1].cpu[i])).toFixed(2)}` : ''}`);
process.exit(0);
