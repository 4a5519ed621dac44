# make help says what each target does. Needs only a C compiler and make.
CC      ?= cc
SIMD    ?= native
MODEL   ?= examples/tiny.gguf
PROMPT  ?= Once upon a time
THREADS ?= 2

ISA_native = -march=native
ISA_scalar = -DLLOCAL_NO_SIMD
ISA_sse41  = -msse4.1
ISA_avx2   = -mavx2 -mfma -mf16c
ISA_avxvnni = $(ISA_avx2) -mavxvnni
ISA_avx512 = -march=x86-64-v4 -mavx512vnni
ifeq ($(ISA_$(SIMD)),)
$(error SIMD is one of: native scalar sse41 avx2 avxvnni avx512)
endif

# -march=native is not spelled so everywhere: do without where the compiler refuses it.
ifeq ($(SIMD),native)
ISA := $(shell $(CC) $(ISA_native) -E -x c /dev/null >/dev/null 2>&1 && echo $(ISA_native))
else
ISA := $(ISA_$(SIMD))
endif

# As many programs at once as there are processors, but four at most: a compiler takes up to a gigabyte. JOBS=1: one
# after the other.
JOBS ?= $(shell n=$$(nproc 2>/dev/null || sysctl -n hw.ncpu 2>/dev/null || echo 1); [ $$n -lt 4 ] && echo $$n || echo 4)
MAKEFLAGS += -j$(JOBS)

WARN    = -Wall -Wextra -Wpedantic -Werror
CFLAGS ?= -O3
ALL     = -std=c99 $(WARN) $(ISA) $(CFLAGS) $(EXTRA)
LIBS    = -lm -lpthread

# Some stand on libraries (their first comments name the packages); without these they are left out.
has = $(shell for h in $(1); do echo "\#include <$$h>"; done | $(CC) -E -x c - >/dev/null 2>&1 && echo yes)
ifneq ($(call has,microhttpd.h jansson.h),yes)
LEFT_OUT += serve
endif
ifneq ($(call has,sqlite3.h),yes)
LEFT_OUT += find
endif
package = $(shell pkg-config --$(1) $(2) 2>/dev/null && echo yes)
ifneq ($(call has,sqlite3.h)$(call package,exists,gmime-3.0),yesyes)
LEFT_OUT += triage
endif
ifneq ($(call has,libical/ical.h),yes)
LEFT_OUT += remind
endif
ifneq ($(call has,jansson.h),yes)
LEFT_OUT += mcp
endif
EXAMPLES = $(filter-out $(LEFT_OUT:%=build/%),$(patsubst examples/%.c,build/%,$(wildcard examples/*.c)))
TRAINERS = $(patsubst examples/train/%.c,build/%,$(wildcard examples/train/*.c))
BENCHES  = $(patsubst bench/%.c,build/%,$(wildcard bench/*.c))
FUZZERS  = $(patsubst tests/%.c,build/%,$(wildcard tests/fuzz_*.c))
FUZZ_SECONDS ?= 60
FUZZ_OPT ?= -O1

.PHONY: soak all run xray web board board-sizes always test test-programs test-units test-golden check sizes gen bench examples model eval fuzz clean help markdown
all: examples ## build the examples (the default)

ifeq ($(MODEL),examples/tiny.gguf)
run: build/demo ## the default model tells a story and sorts notifications; make run MODEL=file.gguf [PROMPT="..."] runs yours
	@build/demo
else
run: build/llocal
	build/llocal -m "$(MODEL)" -p "$(PROMPT)" -n 200 -t $(THREADS)
endif

xray: build/xray ## a page that shows attention and what each layer would say: build/xray.html; MODEL=file.gguf [PROMPT="..."]: of yours
	build/xray "$(MODEL)" $(if $(filter command,$(firstword $(origin PROMPT))),"$(PROMPT)") > build/xray.part
	@mv build/xray.part build/xray.html && echo "open build/xray.html in a browser"

WEB = index.html app.mjs llocal.mjs worker.mjs thread.mjs index.d.ts package.json README.md
WEB_CC = --target=wasm32-wasi -mexec-model=reactor -msimd128 -mbulk-memory -std=c99 $(WARN) -O2 $(WEB_FLAGS) \
    -Wl,-z,stack-size=1048576 -Wl,--strip-all
# (wasi-libc here is of one thread: the others call no more of it than memcpy)
WEB_THREADS = -matomics -mmutable-globals -Wl,--shared-memory,--import-memory,--no-check-features \
    -Wl,--initial-memory=16777216,--max-memory=3221225472,--export=__stack_pointer
web: build/web/llocal.wasm ## a page with the default model, and a package for npm: build/web (clang for WASI; see examples/web/README.md)
	cp $(WEB:%=examples/web/%) examples/tiny.gguf build/web/
	sed "s/VERSION/$$(cat $(WEB:%=examples/web/%) build/web/llocal.wasm | cksum | tr ' ' -)/" examples/web/sw.js > build/web/sw.js
	@echo "python3 -m http.server -d build/web, then open http://localhost:8000"
build/web/llocal.wasm: examples/web/web.c llocal.h
	@mkdir -p build/web
	@echo 'int main(void) { return 0; }' | clang --target=wasm32-wasi -x c - -o build/no.wasm 2> build/web.log || \
	    { echo "make web needs clang, wasm-ld, wasi-libc and clang's runtime for wasm32 (Debian: apt-get install clang lld wasi-libc libclang-rt-dev-wasm32)"; exit 1; }
	clang $(WEB_CC) $< -o $@
	@rm -f build/web/llocal-*.wasm; c=$$(sh examples/web/fused.sh); if [ -z "$$c" ]; then \
	    echo "one module, of one thread: the quicker ones need clang 16 or later (Debian: clang-16 lld-16 libclang-rt-16-dev-wasm32)"; \
	else set -ex; $$c $(WEB_CC) -mrelaxed-simd $< -o build/web/llocal-fma.wasm; \
	    $$c $(WEB_CC) -mrelaxed-simd $(WEB_THREADS) $< -o build/web/llocal-threads.wasm; fi

# For boards: a model in flash, memory in one arena, no system (examples/board/README.md). BOARD_FLAGS says which weights
# the model has, and what else differs: -DN_CTX=, -DKV=, -DARENA=
BOARD       ?= build/board
BOARD_MODEL ?= examples/tiny.gguf
BOARD_FLAGS ?= -DLLOCAL_ONLY_Q6_K -DLLOCAL_ONLY_KV_Q8
BOARD_OPT   ?= -Os -fno-schedule-insns2 -fno-move-loop-invariants
# (vectors of floats would flush what is tiny; gcc 12's assembler does not know what the second if-conversion makes)
BOARD_m33 = -mcpu=cortex-m33 -mfpu=fpv5-sp-d16 -mfloat-abi=hard
BOARD_m4  = -mcpu=cortex-m4 -mfpu=fpv4-sp-d16 -mfloat-abi=hard -DBOARD_M4
BOARD_m55 = -mcpu=cortex-m55+nomve.fp -mfloat-abi=hard -fno-if-conversion2 -DBOARD_M55
BOARD_m0  = -mcpu=cortex-m0plus -mfloat-abi=soft -DBOARD_M4
BOARD_ALL = -std=c99 $(WARN) -mthumb -ffreestanding -fno-math-errno -ffunction-sections -fdata-sections \
    -DLLOCAL_NO_STDIO -DLLOCAL_NO_MMAP -DLLOCAL_NO_THREADS -DLLOCAL_NO_STDLIB -DLLOCAL_NO_CHAT -DLLOCAL_NO_QUANTIZE -DLLOCAL_NO_SAMPLING -DLLOCAL_NO_WORDS \
    -DLLOCAL_ONLY_ARCH_LLAMA -DLLOCAL_ONLY_VOCAB_LLAMA
board: $(BOARD)/m0.elf $(BOARD)/m4.elf $(BOARD)/m33.elf $(BOARD)/m55.elf ## programs for a Cortex-M0+, M4F, M33 and M55 (arm-none-eabi-gcc; see examples/board/README.md)
$(BOARD)/%.elf: examples/board/board.c examples/board/story.h examples/board/%.ld examples/board/m4.ld examples/board/sections.ld llocal.h $(BOARD)/flags
	@case "$$(arm-none-eabi-gcc -print-file-name=nano.specs 2> /dev/null)" in */*) ;; *) echo \
	    "make board needs arm-none-eabi-gcc and newlib (Debian: apt-get install gcc-arm-none-eabi libnewlib-arm-none-eabi)"; exit 1 ;; esac
	arm-none-eabi-gcc $(BOARD_ALL) $(BOARD_$*) $(BOARD_OPT) $(BOARD_FLAGS) '-DMODEL="$(BOARD_MODEL)"' $< -nostartfiles \
	    --specs=nano.specs -Wl,--gc-sections,-Map=$(BOARD)/$*.map -T examples/board/$*.ld -o $@ -lm
$(BOARD)/flags: always
	@mkdir -p $(BOARD)
	@echo '$(BOARD_OPT) $(BOARD_FLAGS) $(BOARD_MODEL)' > $@.now; cmp -s $@.now $@ || cp $@.now $@
always:
build/board_host: tests/board.c examples/board/story.h build/llocal.o
	$(CC) $(ALL) $(BOARD_FLAGS) $< build/llocal.o -o $@ $(LIBS)
board-sizes: ## what the boards' programs take: code, memory, instructions for a token (four minutes; needs qemu-system-arm)
	@sh tests/board.sh sizes

# Two things at a time, on two processors (its output a thing at a time, if make can).
ifneq ($(filter output-sync,$(.FEATURES)),)
MAKEFLAGS += -Otarget
endif
TESTED = quantize imatrix perplexity inspect llocal chat hello decide embed rerank denoise look forward_by_hand xray corpus
test: test-programs test-units test-golden ## run the unit tests and the golden values (no network, no model needed)
test-programs: $(TESTED:%=build/%) build/gguf build/terminal build/llocal.o
	sh tests/quantize.sh
	sh tests/tools.sh
	sh tests/terminal.sh
	sh tests/course.sh
	sh tests/users.sh "$(CC)"
test-units: build/test
	build/test
	build/test taken
test-golden: build/golden build/train_test
	build/train_test
	build/golden tests/golden/arch/*.golden tests/golden/quant/*.golden tests/golden/tok_synth/*.jsonl

check: build/gen build/unicode ## generated text is fresh, sections in order, every way of compiling works
	build/gen --check llocal.h
	build/unicode --check llocal.h kernels_gen/tables/unicode.txt
	sh tests/check.sh "$(CC)"

gen: build/gen build/unicode ## write the generated regions of llocal.h from kernels_gen/
	build/gen llocal.h
	build/unicode llocal.h kernels_gen/tables/unicode.txt

bench: $(BENCHES) ## measure this machine, the kernels and a small random model (two minutes; see bench/RESULTS.md)
	build/kernels $(THREADS) 1024
	build/model 135M Q4_0 build/135M-Q4_0.gguf
	build/bench -m build/135M-Q4_0.gguf -t $(THREADS) -r 3

soak: build/serve ## the server with 32 clients for ten minutes, then with one for an hour (tests/soak.sh; SOAK="MODEL 600 3600 THREADS")
	sh tests/soak.sh $(SOAK)

sizes: ## how large the library is: its sections, and an object of it with what can be left out (a minute)
	@sh tests/sizes.sh "$(CC)"

examples: $(EXAMPLES) ## build every program of examples/ into build/
	@$(if $(filter serve,$(LEFT_OUT)),echo "left out: serve (libmicrohttpd-dev, libjansson-dev are missing)",:)
	@$(if $(filter find,$(LEFT_OUT)),echo "left out: find (libsqlite3-dev is missing)",:)
	@$(if $(filter triage,$(LEFT_OUT)),echo "left out: triage (libgmime-3.0-dev, libsqlite3-dev, or pkg-config, are missing)",:)
	@$(if $(filter remind,$(LEFT_OUT)),echo "left out: remind (libical-dev is missing)",:)
	@$(if $(filter mcp,$(LEFT_OUT)),echo "left out: mcp (libjansson-dev is missing)",:)

model: $(TRAINERS) build/quantize ## train examples/tiny.gguf anew, from its sources (110 minutes; SMALL=1: a toy, half a minute)
	sh examples/train/model.sh $(if $(SMALL),small)

eval: build/evaluate ## how often the default model answers tasks rightly: make eval [MODEL=file.gguf]
	build/evaluate -m "$(MODEL)" -t $(THREADS) examples/train

fuzz: $(FUZZERS) ## build the fuzzers with clang and run each for FUZZ_SECONDS (60)
	set -e; for f in $(notdir $(FUZZERS)); do \
	    mkdir -p build/inputs/$$f; long=; \
	    case $$f in fuzz_api|fuzz_chat|fuzz_rule|fuzz_split) long="-len_control=0 -max_len=400" ;; esac; \
	    build/$$f -max_total_time=$(FUZZ_SECONDS) $$long $(FUZZ_FLAGS) -rss_limit_mb=4096 -print_final_stats=0 -artifact_prefix=build/ build/inputs/$$f; \
	done

clean: ## remove build/
	rm -rf build

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile

# Each program is complete by itself (cc examples/hello.c ...), but compiling llocal.h is nearly all of the
# work: it is done once, and a program that takes LLOCAL_IMPLEMENTATION_DONE from here leaves it out.
ONCE = $(CC) $(ALL) -DLLOCAL_IMPLEMENTATION_DONE
build/llocal.o: llocal.h
	@mkdir -p build
	$(CC) $(ALL) -DLLOCAL_IMPLEMENTATION -x c -c $< -o $@
build/%: examples/%.c build/llocal.o examples/system.h
	$(ONCE) $< build/llocal.o -o $@ $(LIBS)
build/%: examples/train/%.c build/llocal.o examples/system.h examples/train/head.h examples/train/grammar.h
	$(ONCE) $< build/llocal.o -o $@ $(LIBS)
# The chat edits lines by libedit where that is (its header tells: libedit-dev, or a Mac).
build/chat: EDITING = $(shell $(CC) -E -include histedit.h -x c /dev/null >/dev/null 2>&1 && echo -DCHAT_LIBEDIT)
build/chat build/llocal: build/%: examples/%.c build/llocal.o examples/system.h examples/lines.h examples/messages.h examples/answer.h
	$(ONCE) $(EDITING) $< build/llocal.o -o $@ $(LIBS) $(if $(EDITING),-ledit)
build/chat-plain: examples/chat.c build/llocal.o examples/system.h examples/lines.h examples/messages.h examples/answer.h
	$(ONCE) $< build/llocal.o -o $@ $(LIBS)
build/terminal: tests/terminal.c
	@mkdir -p build
	$(CC) -std=c99 $(WARN) -O1 $< -o $@
build/find: examples/find.c build/llocal.o examples/system.h examples/vectors.h examples/messages.h examples/answer.h
	$(ONCE) $< build/llocal.o -o $@ $(LIBS) -lsqlite3
build/triage: examples/triage.c build/llocal.o examples/system.h examples/questions.h examples/lines.h
	$(ONCE) $$(pkg-config --cflags gmime-3.0) $< build/llocal.o -o $@ $(LIBS) $$(pkg-config --libs gmime-3.0) -lsqlite3
build/remind: examples/remind.c build/llocal.o examples/system.h examples/messages.h examples/answer.h
	$(ONCE) $< build/llocal.o -o $@ $(LIBS) -lical
build/mcp: examples/mcp.c llocal.h examples/system.h
	@mkdir -p build
	$(CC) $(ALL) $< -o $@ $(LIBS) -ljansson
# The server's page is compiled in, with a library that sets markdown and one that cleans it, once `make markdown` has
# fetched these by npm; without them an answer is shown as it is written, code apart.
markdown: ## the server's page sets markdown: two small libraries from npm become part of it
	@mkdir -p build/npm
	cd build/npm && npm pack --silent marked@18.2.1 dompurify@3.5.0
	cd build/npm && for f in marked dompurify; do mkdir -p $$f && tar xzf $$f-*.tgz -C $$f; done
	{ echo '<script>'; cat build/npm/marked/package/lib/marked.umd.js build/npm/dompurify/package/dist/purify.min.js; \
	    echo '</script>'; } > build/markdown.html
build/page.h: examples/serve/page.html $(wildcard build/markdown.html)
	@mkdir -p build
	sed -e '/^<!--MARKDOWN-->$$/{' $(if $(wildcard build/markdown.html),-e 'r build/markdown.html') -e 'd' -e '}' $< > build/page.html
	{ echo 'static const unsigned char serve_page[] = {'; od -An -v -tu1 build/page.html | sed 's/  */,/g; s/^,//; s/$$/,/'; \
	    echo '};'; } > $@
build/serve: examples/serve.c build/llocal.o build/page.h examples/system.h examples/messages.h $(wildcard examples/serve/*.h)
	$(ONCE) -Ibuild $< build/llocal.o -o $@ $(LIBS) -lmicrohttpd -ljansson
build/model build/rule build/decisions: build/%: bench/%.c build/llocal.o
	$(ONCE) -D_GNU_SOURCE $< build/llocal.o -o $@ $(LIBS)
build/rule: tests/t.h
# By hand, and in CI where npm is there: see their first lines, and tests/ajv.sh.
build/suite_schema build/rule_samples: build/%: tests/%.c build/llocal.o tests/t.h
	$(ONCE) $< build/llocal.o -o $@ $(LIBS)
# What make run needs on a fresh clone is compiled whole, in a third of the time: one weight format and -O2.
build/demo: CFLAGS = -O2
build/demo: examples/demo.c llocal.h examples/system.h
	@mkdir -p build
	$(CC) $(ALL) -DLLOCAL_ONLY_Q6_K $< -o $@ $(LIBS)
# These use the library's own arithmetic, which has no public name.
build/train: examples/train/train.c llocal.h examples/system.h examples/train/head.h
	@mkdir -p build
	$(CC) $(ALL) $< -o $@ $(LIBS)
build/%: bench/%.c llocal.h
	@mkdir -p build
	$(CC) $(ALL) -D_GNU_SOURCE $< -o $@ $(LIBS)
build/tokenize: tests/tokens.h tests/t.h
build/decisions: tests/notices.h
build/embed build/rerank: examples/vectors.h
build/decide: examples/questions.h
# Tests take longer to compile at -O3 than that saves, golden values at -O2; and what only writes small files, at any.
build/test: CFLAGS = -O2
build/golden: CFLAGS = -O1
build/gguf: CFLAGS = -O0 -DLLOCAL_NO_CHAT
build/train_test: CFLAGS = -O2 -DLLOCAL_NO_CHAT -DLLOCAL_ONLY_F32 -DLLOCAL_ONLY_Q8_0
build/test build/golden build/gguf: build/%: tests/%.c llocal.h $(wildcard tests/*.h kernels_gen/isa/scalar*.h)
	@mkdir -p build
	$(CC) $(ALL) $< -o $@ $(LIBS)
build/train_test: tests/train.c $(wildcard examples/train/*.[ch]) examples/system.h llocal.h tests/t.h
	@mkdir -p build
	$(CC) $(ALL) $< -o $@ $(LIBS)
# Two of them are about weight formats.
$(filter-out build/fuzz_gguf build/fuzz_model,$(FUZZERS)): FEW = -DLLOCAL_ONLY_Q6_K -DLLOCAL_ONLY_Q8_0
$(FUZZERS): build/%: tests/%.c llocal.h $(wildcard tests/*.h)
	@mkdir -p build
	clang -std=c99 -g $(FUZZ_OPT) -DLLOCAL_NO_DISPATCH $(FEW) -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined \
	    $< -o $@ $(LIBS)
build/gen build/unicode: build/%: kernels_gen/%.c
	@mkdir -p build
	$(CC) -std=c99 $(WARN) -O1 $< -o $@
