// SPDX-License-Identifier: MIT
/**
 * The globals that Node and every page have, as far as the core uses them; tsconfig.core.json alone reads this file (in
 * Node's part the types of Node stand for them). Anything else that the core wants of its host is passed to it: add a global
 * here only when every JavaScript host has it.
 */

interface TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer>;
  encodeInto(text: string, into: Uint8Array): { read: number; written: number };
}
declare var TextEncoder: { new (): TextEncoder };

interface TextDecoder {
  decode(bytes?: ArrayBufferView | ArrayBuffer, options?: { stream?: boolean }): string;
}
declare var TextDecoder: {
  new (label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean }): TextDecoder;
};

declare var performance: {
  /** Milliseconds since `timeOrigin`, monotonic, with microseconds as the fraction where the host allows it. */
  now(): number;
  /** Milliseconds since 1970. */
  readonly timeOrigin: number;
};

declare var crypto: {
  /** Fills at most 65,536 bytes. */
  getRandomValues<T extends Uint8Array | Uint32Array>(array: T): T;
};

/** What setTimeout returns is Node's object or a page's number: only clearTimeout may look at it. */
type TimerHandle = { readonly __timer: unique symbol };
declare function setTimeout(callback: () => void, milliseconds?: number): TimerHandle;
declare function clearTimeout(timer: TimerHandle | undefined): void;
declare function queueMicrotask(callback: () => void): void;

/** What cancels: made and aborted by who asks for something. */
interface AbortSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  throwIfAborted(): void;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

interface AbortController {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
}
declare var AbortController: { new (): AbortController };

/** How many frames an error's stack has: V8's and JavaScriptCore's. */
interface ErrorConstructor {
  stackTraceLimit: number;
}
