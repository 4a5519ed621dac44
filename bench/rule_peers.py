"""What a rule costs in llguidance and xgrammar, on the texts that build/rule looks at. By hand:

    python3 -m venv /tmp/peers && /tmp/peers/bin/pip install gguf==0.17.1 llguidance==1.9.1 [xgrammar==0.2.9 torch]
    /tmp/peers/bin/python bench/rule_peers.py vocab.gguf case.json...

For each case (as build/golden takes them): milliseconds to compile, and microseconds a token for a mask and the step
behind it, of the first pass over the accepted texts (first 20 tokens, then the others), and of a second one. Process time.
"""
import json
import sys
import time

import numpy as np
from gguf import GGUFReader


def vocabulary(path):
    """Texts of tokens as bytes (of control tokens: none), and the end token."""
    reader = GGUFReader(path)
    field = reader.fields["tokenizer.ggml.tokens"]
    types = reader.fields["tokenizer.ggml.token_type"]
    end = int(reader.fields["tokenizer.ggml.eos_token_id"].parts[-1][0])
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    of = {chr(b): b for b in plain}
    of.update({chr(256 + i): b for i, b in enumerate(b for b in range(256) if b not in plain)})
    texts = []
    for i, part in enumerate(field.data):
        s = bytes(field.parts[part]).decode("utf-8")
        normal = int(types.parts[types.data[i]][0]) == 1
        texts.append(bytes(of[c] for c in s) if normal and all(c in of for c in s) else b"")
    return texts, end


def cut(text, known, longest):
    """The longest tokens, one behind the other."""
    data, out, at = text.encode(), [], 0
    while at < len(data):
        for n in range(min(longest, len(data) - at), 0, -1):
            if data[at:at + n] in known:
                out.append(known[data[at:at + n]])
                at += n
                break
        else:
            return []
    return out


class Llguidance:
    def __init__(self, texts, end):
        import llguidance
        import llguidance.numpy
        self.lib = llguidance

        class Tokenizer:
            eos_token_id, bos_token_id, tokens, special_token_ids = end, None, [t or b"<special>" for t in texts], [end]

            def __call__(self, s):
                return []
        self.tokenizer = llguidance.LLTokenizer(llguidance.TokenizerWrapper(Tokenizer()))
        self.mask = llguidance.numpy.allocate_token_bitmask(1, self.tokenizer.vocab_size)

    def compile(self, schema):
        self.grammar = self.lib.LLMatcher.grammar_from_json_schema(schema, defaults={"whitespace_flexible": False})
        self.begin()
        return self.matcher.get_error()

    def begin(self):
        self.matcher = self.lib.LLMatcher(self.tokenizer, self.grammar)

    def step(self, token):
        self.lib.numpy.fill_next_token_bitmask(self.matcher, self.mask)
        return self.matcher.consume_token(token)


class Xgrammar:
    def __init__(self, texts, end):
        import xgrammar
        self.lib = xgrammar
        self.info = xgrammar.TokenizerInfo(texts, xgrammar.VocabType.RAW, stop_token_ids=[end])
        self.mask = xgrammar.allocate_token_bitmask(1, self.info.vocab_size)

    def compile(self, schema):
        compiler = self.lib.GrammarCompiler(self.info, max_threads=1, cache_enabled=False)
        self.grammar = compiler.compile_json_schema(schema, any_whitespace=False, separators=(",", ":"), strict_mode=False)
        self.begin()
        return ""

    def begin(self):
        self.matcher = self.lib.GrammarMatcher(self.grammar)

    def step(self, token):
        self.matcher.fill_next_token_bitmask(self.mask)
        return self.matcher.accept_token(token)


def main():
    texts, end = vocabulary(sys.argv[1])
    known = {t: i for i, t in enumerate(texts) if t}
    longest = max(map(len, known))
    for kind in Llguidance, Xgrammar:
        try:
            peer = kind(texts, end)
        except ImportError as e:
            print(f"{kind.__name__}: not here ({e})")
            continue
        for path in sys.argv[2:]:
            case = json.load(open(path))
            if "schema" in case:
                schema = case["schema"]
            else:                       # what a rule of tools lets through
                tools = [t.get("function", t) for t in case["tools"]]
                of = [t.get("parameters") or t.get("inputSchema") or {"type": "object"} for t in tools]
                schema = {"anyOf": [{"type": "object", "properties": {"name": {"const": t["name"]}, "arguments": s},
                                     "required": ["name", "arguments"], "additionalProperties": False} for t, s in zip(tools, of)]}
            begin = time.process_time()
            try:
                error = peer.compile(json.dumps(schema))
            except Exception as e:      # a schema that it refuses
                error = str(e)
            ms = (time.process_time() - begin) * 1e3
            if error:
                print(f"{kind.__name__} {path.split('/')[-1]}: refused after {ms:.1f} ms: {error[:120]}")
                continue
            sums, count, refused = [[], [], []], 0, 0
            for turn in range(2):
                for text in case["accept"]:
                    peer.begin()
                    for token in cut(text, known, longest):
                        begin = time.process_time_ns()
                        ok = peer.step(token)
                        us = (time.process_time_ns() - begin) / 1e3
                        if not ok:
                            refused += turn == 0
                            break
                        count += 1
                        sums[2 if turn else count > 20].append(us)
            print(f"{kind.__name__} {path.split('/')[-1]}: compiled in {ms:.1f} ms; us a token: first 20: {np.mean(sums[0] or [0]):.0f}, behind "
                  f"them {np.mean(sums[1] or [0]):.0f} (at most {max(sums[1] or [0]):.0f}), again {np.mean(sums[2] or [0]):.0f}; {len(sums[2])} tokens, {refused} texts not taken")


main()
