/** A message of a chat; a model whose file has a chat template answers such lists. */
export interface Message { role: 'system' | 'user' | 'assistant' | string; content: string }

export interface LoadOptions {
    /** Where the module is, its bytes, or compiled; by default the quickest beside this file that the engine runs. */
    wasm?: string | URL | BufferSource | WebAssembly.Module;
    /** Tokens to remember; 0: as trained, at most 4096. */
    context?: number;
    /** After each piece of the file: bytes so far, and of all (0: not known). */
    progress?: (done: number, size: number) => void;
    signal?: AbortSignal;
    /** Threads, where memory can be shared (README.md): in node 1 unless you say more, in pages half the cores, at most 8. */
    threads?: number;
}

export interface GenerateOptions {
    /** 0: always the likeliest token. Default 0.7. */
    temperature?: number;
    /** These filter candidates; 0: off. minP is 0.05 by default. */
    topK?: number; topP?: number; minP?: number;
    /** 0 or 1: off. */
    repeatPenalty?: number;
    /** Another number, another text. */
    seed?: number;
    /** 0: until the model ends it or the context is full. */
    maxTokens?: number;
    /** Milliseconds to work at once, between which others run; default 8. */
    budget?: number;
    /** What to wait for between; by default only for others that wait. In a page: requestAnimationFrame. */
    pause?: () => Promise<unknown>;
    signal?: AbortSignal;
    /** How many milliseconds a piece of work took. */
    onstep?: (ms: number) => void;
}

export interface Stats {
    /** Tokens read and written, and milliseconds for them. */
    read: number; readMs: number; written: number; writtenMs: number;
    readPerSecond: number; writtenPerSecond: number;
    /** Milliseconds to the first text, and since the beginning. */
    first: number; ms: number;
    /** Why the text ended: "end token", "limit", ...; "": it has not. */
    stop: string;
}

export interface Info {
    name: string; architecture: string; parameters: number;
    /** Tokens that it remembers. */
    context: number;
    /** It answers messages. */
    chat: boolean;
    /** What llocal.h was compiled to. */
    build: string;
    /** Threads that work. */
    threads: number;
}

export declare class Model {
    /** source: a URL, in node also a path; a File or Blob; a Response; bytes. Read in pieces, kept once. */
    static load(source: string | URL | Blob | Response | BufferSource, options?: LoadOptions): Promise<Model>;
    readonly info: Info;
    /** Ends its threads. */
    close(): void;
    /** Of the last reply, also while it comes. */
    stats: Stats;
    /** Goes on with a text, or answers messages. One reply at a time. */
    generate(prompt: string | Message[], options?: GenerateOptions): AsyncGenerator<string, void, void>;
}
export default Model;
