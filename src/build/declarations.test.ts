// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { publicDeclarations } from './declarations.ts';

it('keeps what the exports of the entries need, without constructors', () => {
  const all = new Map([
    [
      'index.d.ts',
      `/**
 * The package.
 */
import { Base } from './library/machine.ts';
export declare class Machine extends Base {
}
export type { Errno, Name, } from './task/errno.ts';
export type { Base } from './library/machine.ts';
export * from './more.ts';
`,
    ],
    [
      'library/machine.d.ts',
      `/** For those who read the source. */
import type { Client, End as Last } from '../host/client.ts';
import { type Size } from './size.ts';
type Kernel = import("../machine/kernel.ts").Kernel;
/** What all machines have. */
export declare class Base implements AsyncDisposable {
    #private;
    protected constructor(client: Client, kernel: Kernel, {
        size: number,
    });
    /** Never a Client. */
    end(size: Size): Promise<Last | import("./other.ts").Other>;
}
export declare function boot(client: Client): Promise<Base>;
export {};
`,
    ],
    ['library/size.d.ts', 'declare const SIZES: {\n    a: 1;\n};\nexport type Size = keyof typeof SIZES;\n'],
    ['library/other.d.ts', 'export interface Other {\n    others: readonly Other[];\n}\n'],
    ['host/client.d.ts', 'export declare class End {\n}\nexport declare class Client {\n}\n'],
    ['more.d.ts', "/** All. */\nexport type { Other } from './library/other.ts';\n"],
    ['task/errno.d.ts', '/** A number. */\nexport type Errno = number;\nexport type Name = string;\n'],
    ['machine/kernel.d.ts', 'export interface Kernel {\n}\n'],
  ]);
  assert.deepEqual(Object.fromEntries(publicDeclarations(all, ['index.d.ts'])), {
    'index.d.ts': `/**
 * The package.
 */
import { Base } from './library/machine.js';
export declare class Machine extends Base {
}
export type { Errno, Name, } from './task/errno.js';
export type { Base } from './library/machine.js';
export * from './more.js';
`,
    'library/machine.d.ts': `/// <reference lib="esnext.disposable" />
import type { End as Last } from '../host/client.js';
import type { Size } from './size.js';
/** What all machines have. */
export declare class Base implements AsyncDisposable {
    #private;
    protected constructor();
    /** Never a Client. */
    end(size: Size): Promise<Last | import("./other.js").Other>;
}
`,
    'more.d.ts': "/** All. */\nexport type { Other } from './library/other.js';\n",
    'library/size.d.ts': all.get('library/size.d.ts'),
    'library/other.d.ts': all.get('library/other.d.ts'),
    'host/client.d.ts': 'export declare class End {\n}\n',
    'task/errno.d.ts': all.get('task/errno.d.ts'),
  });
});

it('says what is missing, and what it does not know', () => {
  const made = (text: string) => publicDeclarations(new Map([['index.d.ts', text]]), ['index.d.ts']);
  assert.throws(() => made("export { A } from './a.ts';\n"), /no declarations were made of a\.d\.ts/);
  assert.throws(() => made("export * as a from './a.ts';\n"), /index\.d\.ts: no declaration that is known:\nexport \*/);
});
