/* The page: a model in worker.mjs, its text as it comes. With #main in the address the model runs here instead, a few
 * milliseconds of each frame, as a game does it. */
const $ = (id) => document.getElementById(id);
const log = $('log');
let info = null, running = null, messages = [], unseen = '', last = null;

/* ---- the model: in a worker, or here ---- */

function inWorker() {
    const worker = new Worker('worker.mjs', { type: 'module' });
    worker.onmessage = ({ data }) => heard(data);
    worker.onerror = (e) => heard({ error: e.message || 'the worker does not start' });
    return (message) => worker.postMessage(message);
}
function inPage() {
    let model, abort;
    const frame = () => new Promise((go) => requestAnimationFrame(go));
    return async (m) => {
        try {
            const { Model } = await import('./llocal.mjs');
            if (m.load) {
                model = await Model.load(m.load, { context: m.context, progress: (done, size) => heard({ progress: [done, size] }) });
                heard({ loaded: model.info });
            } else if (m.generate) {
                abort = new AbortController();
                for await (const text of model.generate(m.generate, { ...m.options, budget: 4, pause: frame, signal: abort.signal }))
                    heard({ text, stats: model.stats });
                heard({ done: model.stats });
            } else if (m.stop) abort?.abort();
        } catch (e) { heard({ error: String(e.message ?? e) }); }
    };
}
const tell = location.hash === '#main' ? inPage() : inWorker();

function heard(m) {
    if (m.progress) {
        const [done, size] = m.progress;
        $('progress').hidden = false;
        if (size) $('progress').value = done / size; else $('progress').removeAttribute('value');
        $('about').textContent = `${mega(done)}${size ? ` of ${mega(size)}` : ''}`;
    } else if (m.loaded) {
        info = m.loaded;
        $('progress').hidden = true;
        $('about').textContent = `${info.name || info.architecture} · ${(info.parameters / 1e6).toFixed(1)} million weights · ` +
            `${info.context} tokens · ${info.build}` + (info.threads > 1 ? ` · ${info.threads} threads` : '');
        $('mode').value = info.chat ? 'chat' : 'text';
        $('mode').options[1].disabled = !info.chat;
        clear(), ready();
    } else if (m.text !== undefined) {
        unseen += m.text, numbers(m.stats);
        schedule();
    } else if (m.done) {
        numbers(m.done);
        show();
        if (running?.answer) messages.push({ role: 'assistant', content: running.answer.textContent });
        running = null, ready();
    } else if (m.error) {
        show();
        paragraph('error', m.error);
        $('progress').hidden = true;
        if (!info) $('about').textContent = 'no model';
        running = null, ready();
    }
}

/* ---- text ---- */

/* What came since the last frame is shown once in each: a text node that grows, and no layout more than that. */
let scheduled = false;
function schedule() {
    if (!scheduled) scheduled = true, requestAnimationFrame(show);
}
function show() {
    scheduled = false;
    if (!unseen || !last) return;
    const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
    last.appendChild(document.createTextNode(unseen));
    unseen = '';
    if (atEnd) log.scrollTop = log.scrollHeight;
}
function paragraph(kind, text) {
    const p = document.createElement('p');
    p.className = kind, p.textContent = text;
    log.appendChild(p), log.scrollTop = log.scrollHeight;
    return p;
}
function clear() { log.replaceChildren(), messages = [], last = null, unseen = ''; }

const mega = (n) => `${(n / 2 ** 20).toFixed(1)} MiB`;
function numbers(s) {
    $('numbers').textContent = `${s.writtenPerSecond.toFixed(0)} tokens/s written · ${s.readPerSecond.toFixed(0)} read · ` +
        `${s.written} tokens${s.stop ? ` · ${s.stop}` : ''}`;
}
function ready() {
    $('go').disabled = !info || !!running, $('stop').disabled = !running;
}

/* ---- what the user does ---- */

function write() {
    const prompt = $('prompt').value, number = (id) => Number($(id).value) || 0;
    if (!info || running || !prompt.trim()) return;
    const options = { temperature: number('temperature'), minP: number('minP'), topP: number('topP'), topK: number('topK'),
        maxTokens: number('maxTokens'), seed: $('seed').value === '' ? Math.floor(Math.random() * 2 ** 31) : number('seed') };
    running = {};
    if ($('mode').value === 'chat') {
        const system = $('system').value.trim();
        messages.push({ role: 'user', content: prompt });
        paragraph('user', prompt), running.answer = last = paragraph('answer', '');
        tell({ generate: system ? [{ role: 'system', content: system }, ...messages] : messages, options });
        $('prompt').value = '';
    } else {
        last = paragraph('text', '');
        const given = document.createElement('span');
        given.className = 'given', given.textContent = prompt;
        last.appendChild(given);
        tell({ generate: prompt, options });
    }
    ready();
}
function load(source) {
    if (running) tell({ stop: true });
    info = null, ready();
    tell({ load: source, context: Number($('context').value) || 0 });
}

$('ask').onsubmit = (e) => { e.preventDefault(), write(); };
$('stop').onclick = () => tell({ stop: true });
$('clear').onclick = () => { if (!running) clear(); };
$('file').onchange = () => { if ($('file').files[0]) load($('file').files[0]); };
$('fetch').onclick = () => { if ($('url').value) load(new URL($('url').value, location.href).href); };
document.addEventListener('keydown', (e) => {
    if (e.key === 'Enter' && (e.ctrlKey || e.metaKey)) e.preventDefault(), write();
    else if (e.key === 'Escape' && running) tell({ stop: true });
});
document.addEventListener('dragover', (e) => { e.preventDefault(), log.classList.add('drop'); });
document.addEventListener('dragleave', () => log.classList.remove('drop'));
document.addEventListener('drop', (e) => {
    e.preventDefault(), log.classList.remove('drop');
    if (e.dataTransfer.files[0]) load(e.dataTransfer.files[0]);
});

navigator.serviceWorker?.register('sw.js').catch(() => {});
load(new URL('tiny.gguf', location.href).href);
