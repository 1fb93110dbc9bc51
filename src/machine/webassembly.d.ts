// SPDX-License-Identifier: MIT
/**
 * The WebAssembly JavaScript interface, as far as this project uses it: core interface 2.0, exception handling with
 * exnref, and JavaScript Promise Integration (JSPI).
 *
 * TypeScript ships these types only as part of the DOM's library, which the core must not see, and without JSPI. They are
 * written after the WebAssembly JavaScript Interface specification and the js-promise-integration proposal.
 */

declare namespace WebAssembly {
  type ValueType = 'i32' | 'i64' | 'f32' | 'f64' | 'v128' | 'anyfunc' | 'externref' | 'exnref';
  /** A module in binary format. */
  type Bytes = ArrayBufferView<ArrayBuffer> | ArrayBuffer;
  type ImportExportKind = 'function' | 'global' | 'memory' | 'table' | 'tag';

  /** Any function may be imported: every function type is assignable to one with `never` parameters. */
  type ImportFunction = (...args: never[]) => unknown;
  type ImportValue = ImportFunction | Suspending | Global | Memory | Table | Tag | number | bigint;
  type ModuleImports = Record<string, ImportValue>;
  type Imports = Record<string, ModuleImports>;

  /** What an instance exports: an exported function has the module's own signature, so its user states it. */
  type ExportFunction = (...args: never[]) => unknown;
  type ExportValue = ExportFunction | Global | Memory | Table | Tag;
  type Exports = Record<string, ExportValue>;

  interface ModuleImportDescriptor {
    readonly module: string;
    readonly name: string;
    readonly kind: ImportExportKind;
  }
  interface ModuleExportDescriptor {
    readonly name: string;
    readonly kind: ImportExportKind;
  }

  class Module {
    constructor(bytes: Bytes);
    static imports(module: Module): ModuleImportDescriptor[];
    static exports(module: Module): ModuleExportDescriptor[];
    static customSections(module: Module, name: string): ArrayBuffer[];
  }

  class Instance {
    constructor(module: Module, imports?: Imports);
    readonly exports: Exports;
  }

  /** Sizes in pages of 64 KiB. */
  interface MemoryDescriptor {
    initial: number;
    maximum?: number;
    shared?: boolean;
  }
  class Memory {
    constructor(descriptor: MemoryDescriptor);
    /** Detached by `grow` when the memory is not shared: never keep it. */
    readonly buffer: ArrayBuffer;
    /** Pages before the call. Throws a RangeError past the maximum. */
    grow(pages: number): number;
  }

  interface TableDescriptor {
    element: 'anyfunc' | 'externref';
    initial: number;
    maximum?: number;
  }
  class Table {
    constructor(descriptor: TableDescriptor, value?: unknown);
    readonly length: number;
    get(index: number): ExportFunction | null;
    set(index: number, value?: unknown): void;
    grow(slots: number, value?: unknown): number;
  }

  interface GlobalDescriptor {
    value: ValueType;
    mutable?: boolean;
  }
  class Global<T = number> {
    constructor(descriptor: GlobalDescriptor, value?: T);
    value: T;
    valueOf(): T;
  }

  interface TagDescriptor {
    parameters: ValueType[];
  }
  class Tag {
    constructor(descriptor: TagDescriptor);
  }
  /** The tag of what JavaScript throws: wasm catches it with the value as an externref. */
  const JSTag: Tag;
  class Exception extends Error {
    constructor(tag: Tag, payload: readonly unknown[], options?: { traceStack?: boolean });
    is(tag: Tag): boolean;
    getArg(tag: Tag, index: number): unknown;
  }

  class CompileError extends Error {}
  class LinkError extends Error {}
  /** What a trap throws. */
  class RuntimeError extends Error {}

  /** JSPI: an import that suspends the calling wasm stack until the promise it returns is settled. */
  class Suspending {
    constructor(implementation: ImportFunction);
  }
  /** JSPI: runs `entry` on a wasm stack of its own; the promise settles when it returns or traps. */
  function promising<Args extends readonly unknown[], Result>(
    entry: (...args: Args) => Result,
  ): (...args: Args) => Promise<Result>;

  function validate(bytes: Bytes): boolean;
  function compile(bytes: Bytes): Promise<Module>;
  function instantiate(module: Module, imports?: Imports): Promise<Instance>;
}
