// SPDX-License-Identifier: MIT
/**
 * The globals of a page's Worker, as far as worker-entry.ts uses them. It is checked with the core, which it runs, and so
 * without the DOM's types, which declare WebAssembly once more and without JSPI.
 */

interface MessagePort {
  postMessage(message: unknown): void;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
}
declare var MessageChannel: { new (): { readonly port1: MessagePort; readonly port2: MessagePort } };
declare function postMessage(message: unknown, transfer?: ArrayBuffer[]): void;
declare function addEventListener(kind: 'message', listener: (event: { readonly data: unknown }) => void): void;
