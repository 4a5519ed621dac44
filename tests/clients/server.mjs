// For tests that start servers of their own and end them: a server, and what has passed.
import { spawn } from 'node:child_process';

let passed = 0, failed = 0;
export async function test(name, run) {
  try { await run(); passed++; } catch (e) { failed++; console.log(`FAILED ${name}: ${e.stack ?? e}`); }
}
export function end(name) {
  console.log(`${name}: ${passed} passed, ${failed} failed`);
  process.exit(failed ? 1 : 0);
}
// On a port of its own; its process has url, and ended, a promise of what it ends with.
export async function serve(program, ...args) {
  const p = spawn(program, [...args, '--port', '0'], { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  p.ended = new Promise(r => p.on('exit', r));
  p.url = await new Promise((ok, no) => {
    p.stderr.on('data', d => { log += d; const m = /serve: (http:\S+)/.exec(log); if (m) ok(m[1]); });
    p.on('exit', () => no(new Error(`it does not start: ${log}`)));
  });
  return p;
}
