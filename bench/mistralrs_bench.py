#!/usr/bin/env python3
"""mistral.rs as a peer of build/bench: takes llama-bench's options and prints its CSV.

    pip install mistralrs
    build/bench -m model.gguf --peer mistral.rs=bench/mistralrs_bench.py

Tokens a second are what mistral.rs itself tells of one request: a prompt of -p words that are a token each in most
vocabularies, or -n tokens behind a short one.
"""
import argparse
import os

a = argparse.ArgumentParser()
for name, usual in (("-m", ""), ("-t", "1"), ("-p", "0"), ("-n", "0"), ("-r", "1"), ("-embd", "0"), ("-o", "csv")):
    a.add_argument(name, default=usual)
o = a.parse_args()
os.environ["RAYON_NUM_THREADS"] = o.t
out = os.dup(1)
os.dup2(2, 1)  # what it logs is no CSV
from mistralrs import CompletionRequest, Runner, Which  # noqa: E402  (it reads the environment)

words = "river stone market window garden letter summer winter bridge doctor candle forest yellow silver".split()
folder, file = os.path.split(os.path.abspath(o.m))
runner = Runner(which=Which.GGUF(quantized_model_id=folder, quantized_filename=file), max_seqs=1, prefix_cache_n=0)


def ask(n_prompt, n, first):
    prompt = " ".join(words[(first + i * 5 + i * i) % len(words)] for i in range(n_prompt))
    return runner.send_completion_request(CompletionRequest(model="default", prompt=prompt, max_tokens=n, temperature=0.0)).usage


ask(4, 2, 1)
p, n = int(o.p), int(o.n)
use = ask(p, 1, 3) if p else ask(8, n, 3)
os.write(out, f"avg_ts\n{use.avg_prompt_tok_per_sec if p else use.avg_compl_tok_per_sec}\n".encode())
