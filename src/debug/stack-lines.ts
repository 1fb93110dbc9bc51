// SPDX-License-Identifier: MIT
/**
 * An engine's stack as lines for a report: functions, and where debug information is, files and lines. Called by src/machine
 * when the kernel or a program has died.
 */
import type { Insertion } from '../wasm/insertions.ts';
import { readModuleName } from '../wasm/names.ts';
import { type SourceFrame, type SourceLines, sourceLinesOf } from './source-lines.ts';

/** A function of a wasm module on a stack. */
export interface WasmFrame {
  /** The module's name for itself. */
  readonly module: string | undefined;
  /** Without a name section: the function's index. */
  readonly name: string;
  /** Of the instruction, in the module. */
  readonly offset: number;
}

/** A module that may be on a stack. */
export interface DebugModule {
  readonly module: WebAssembly.Module;
  /** Where the contents of its code section begin; needed unless the module says it (source-lines.ts). */
  readonly codeOffset?: number | undefined;
  /** What the debug information does not know of. */
  readonly insertions?: readonly Insertion[];
}

/**
 * The frames on a V8 error's stack, innermost first. A module and a function of it are `wasm://wasm/<module>-<hash>` and
 * `<module>.<function>`, each without the module's name when it has none.
 */
export function wasmFrames(error: Error): WasmFrame[] {
  const frames: WasmFrame[] = [];
  for (const line of (error.stack ?? '').split('\n')) {
    const frame = /^\s*at (?:(\S+) \()?wasm:\/\/wasm\/(?:(\S*)-)?[0-9a-f]+:(wasm-function\[\d+\]):0x([0-9a-f]+)/.exec(
      line,
    );
    if (!frame) continue;
    const [, fullName, module, index, offset] = frame;
    const name = (fullName ?? index ?? '').slice(fullName?.startsWith(`${module}.`) ? (module ?? '').length + 1 : 0);
    frames.push({ module, name, offset: Number.parseInt(offset ?? '', 16) });
  }
  return frames;
}

/** Makes reports; keeps what it had to parse for one. */
export class StackReporter {
  readonly #known = new WeakMap<WebAssembly.Module, { name: string | undefined; lines: SourceLines | undefined }>();

  /** One line for each function, an inlined one too; a recursion is one line with its count. */
  lines(frames: readonly WasmFrame[], modules: Iterable<DebugModule>): string[] {
    const candidates = [...modules];
    const result: { text: string; count: number }[] = [];
    for (const frame of frames) {
      for (const text of this.#describe(frame, candidates)) {
        const last = result.at(-1);
        if (last?.text === text) last.count++;
        else result.push({ text, count: 1 });
      }
    }
    return result.map(({ text, count }) => (count > 1 ? `${text} (${count} times)` : text));
  }

  #describe(frame: WasmFrame, candidates: readonly DebugModule[]): string[] {
    const sources = this.#sourceOf(frame, candidates);
    if (sources.length === 0) return [frame.name];
    return sources.map(({ name, file, line }, index) => {
      const place = line > 0 ? `${file}:${line}` : file;
      return index < sources.length - 1 ? `${name} at ${place} (inlined)` : `${frame.name} at ${place}`;
    });
  }

  /** Two modules of one name may be there: then the one whose function it can be. */
  #sourceOf({ module, name, offset }: WasmFrame, candidates: readonly DebugModule[]): readonly SourceFrame[] {
    const named = candidates.filter((candidate) => this.#look(candidate).name === module);
    const found = named.map((candidate) => this.#look(candidate).lines?.framesAt(offset) ?? []);
    if (found.length === 1) return found[0] ?? [];
    return found.find((frames) => frames.at(-1)?.name === name) ?? [];
  }

  #look({ module, codeOffset, insertions }: DebugModule): { name: string | undefined; lines: SourceLines | undefined } {
    const known = this.#known.get(module);
    if (known) return known;
    const look = { name: readModuleName(module), lines: sourceLinesOf(module, codeOffset, insertions) };
    this.#known.set(module, look);
    return look;
  }
}
