// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { BuildError, build, inOrder } from './engine.ts';
import { lastOutput } from './last-output.ts';
import { type Step, type StepContext, StepError } from './step.ts';

let root: string;
let ran: string[];
const shown: string[] = [];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'wasmlinux-engine-'));
  ran = [];
  shown.length = 0;
  writeFileSync(join(root, 'a.c'), 'a');
  writeFileSync(join(root, 'b.c'), 'b');
});
afterEach(() => rmSync(root, { recursive: true }));

const options = (more: object = {}) => ({
  root,
  cache: join(root, 'cache'),
  screen: { write: (text: string) => shown.push(text) },
  ...more,
});

/** A step that copies what its inputs say into out/result. */
function step(name: string, path: string, needs: readonly Step[] = [], run?: (context: StepContext) => unknown): Step {
  return {
    name,
    title: name,
    needs,
    inputs: [{ path }],
    async run(context) {
      ran.push(name);
      await run?.(context);
      const parts = needs.map((needed) => readFileSync(join(context.output(needed), 'result'), 'utf8'));
      writeFileSync(join(context.out, 'result'), [readFileSync(join(root, path), 'utf8'), ...parts].join('+'));
    },
  };
}

describe('build', () => {
  it('runs what a target needs, in order, and nothing when called again', async () => {
    const a = step('a', 'a.c');
    const b = step('b', 'b.c', [a]);
    const outputs = await build([b], options());
    assert.deepEqual(ran, ['a', 'b']);
    assert.equal(readFileSync(join(outputs.get(b) ?? '', 'result'), 'utf8'), 'b+a');
    shown.length = 0;
    await build([b], options());
    assert.deepEqual(ran, ['a', 'b']);
    assert.deepEqual(shown, []);
  });

  it('runs again only what depends on a change, and nothing after the change is undone', async () => {
    const a = step('a', 'a.c');
    const b = step('b', 'b.c');
    const both = step('both', 'b.c', [a, b]);
    await build([both], options());
    ran = [];
    writeFileSync(join(root, 'a.c'), 'A');
    await build([both], options());
    assert.deepEqual(ran, ['a', 'both']);
    ran = [];
    writeFileSync(join(root, 'a.c'), 'a');
    await build([both], options());
    assert.deepEqual(ran, []);
  });

  it('goes by contents: a touched file is no change', async () => {
    const a = step('a', 'a.c');
    await build([a], options());
    utimesSync(join(root, 'a.c'), 1, 1);
    await build([a], options());
    assert.deepEqual(ran, ['a']);
  });

  it('takes the text of inputs and the output of commands into the key', async () => {
    const versions = join(root, 'version');
    const a = (text: string): Step => ({ ...step('a', 'a.c'), inputs: [{ text }, { command: ['cat', versions] }] });
    writeFileSync(versions, '1');
    await build([a('x')], options());
    await build([a('y')], options());
    assert.equal(ran.length, 2);
    writeFileSync(versions, '2');
    await build([a('y')], options());
    assert.equal(ran.length, 3);
  });

  it('does not need the outputs behind one that is cached', async () => {
    const a = step('a', 'a.c');
    const b = step('b', 'b.c', [a]);
    const outputs = await build([b], options());
    rmSync(outputs.get(a) ?? '', { recursive: true });
    await build([b], options());
    assert.deepEqual(ran, ['a', 'b']);
  });

  it('explains a failed step with the end of its log, and publishes nothing', async () => {
    const bad = step('bad', 'a.c', [], (context) => {
      writeFileSync(join(context.out, 'half'), '');
      return context.exec('sh', ['-c', 'echo why it failed; exit 3']);
    });
    await assert.rejects(build([bad], options()), (error: Error) => {
      assert(error instanceof BuildError);
      assert.match(error.message, /why it failed/);
      assert.match(error.message, /sh ended with status 3/);
      assert.match(error.message, /build\/log\/bad\.log/);
      return true;
    });
    assert.match(readFileSync(join(root, 'build/log/bad.log'), 'utf8'), /why it failed/);
    assert.equal(lastOutput(root, bad.name), undefined);
    await assert.rejects(build([bad], options()));
    assert.deepEqual(ran, ['bad', 'bad']);
  });

  it("passes on a step's own advice", async () => {
    const bad = step('bad', 'a.c', [], () => {
      throw new StepError('no disk', { advice: 'Plug it in.' });
    });
    await assert.rejects(build([bad], options()), /no disk.*Plug it in\./s);
  });

  it('goes on in the work folder that an interrupted run has left', async () => {
    const slow = step('slow', 'a.c', [], (context) => {
      assert(!existsSync(join(context.out, 'half')), 'out is empty in each run');
      writeFileSync(join(context.out, 'half'), '');
      if (existsSync(join(context.work, 'part'))) return;
      writeFileSync(join(context.work, 'part'), '');
      throw new StepError('interrupted');
    });
    await assert.rejects(build([slow], options()));
    await build([slow], options());
    assert.deepEqual(ran, ['slow', 'slow']);
  });

  it('ends the running command when it is aborted', async () => {
    const abort = new AbortController();
    const stuck = step('stuck', 'a.c', [], (context) =>
      context.exec('sh', ['-c', 'echo started; exec sleep 1000'], { onLine: () => abort.abort('SIGINT') }),
    );
    await assert.rejects(build([stuck], options({ signal: abort.signal })), (error) => error === 'SIGINT');
  });

  it('looks each time at a step whose result lies outside the cache', async () => {
    let installed = false;
    const outside: Step = {
      name: 'outside',
      title: 'outside',
      needs: [],
      inputs: [{ text: 'list' }],
      isDone: async () => installed,
      async run() {
        ran.push('outside');
        installed = true;
        writeFileSync(join(root, 'version'), '1');
      },
    };
    const a = {
      ...step('a', 'a.c', []),
      needs: [outside],
      inputs: [{ command: ['cat', join(root, 'version')] }],
    } as const;
    const inside: Step = { ...a, run: async () => void ran.push('a') };
    await build([inside], options());
    await build([inside], options());
    assert.deepEqual(ran, ['outside', 'a']);
    installed = false;
    await build([inside], options());
    assert.deepEqual(ran, ['outside', 'a', 'outside']);
  });

  it('lets a second build of one checkout wait for the first, and then find its work done', async () => {
    const a = step('a', 'a.c');
    await Promise.all([build([a], options()), build([a], options())]);
    assert.deepEqual(ran, ['a']);
    assert(shown.some((line) => line.includes('another build')));
  });

  it('names the input that does not exist', async () => {
    await assert.rejects(build([step('a', 'nowhere.c')], options()), /step a: .*nowhere\.c/);
  });

  it('refuses to give a step the output of one that it does not need', async () => {
    const a = step('a', 'a.c');
    const nosy = step('nosy', 'b.c', [], (context) => context.output(a));
    await assert.rejects(build([a, nosy], options()), /does not need/);
  });
});

describe('lastOutput', () => {
  it("is the output of this checkout's last build", async () => {
    const a = step('a', 'a.c');
    assert.equal(lastOutput(root, a.name), undefined);
    await build([a], options());
    assert.equal(readFileSync(join(lastOutput(root, a.name) ?? '', 'result'), 'utf8'), 'a');
    rmSync(join(root, 'cache'), { recursive: true });
    assert.equal(lastOutput(root, a.name), undefined);
  });
});

describe('inOrder', () => {
  it('puts each step after those that it needs, once', () => {
    const a = step('a', 'a.c');
    const b = step('b', 'b.c', [a]);
    const c = step('c', 'b.c', [b, a]);
    assert.deepEqual(
      inOrder([c, a]).map(({ name }) => name),
      ['a', 'b', 'c'],
    );
  });

  it('rejects a circle', () => {
    const needs: Step[] = [];
    const a = step('a', 'a.c', needs);
    needs.push(step('b', 'b.c', [a]));
    assert.throws(() => inOrder([a]), /a -> b -> a/);
  });
});

describe('a folder as input', () => {
  it('leaves out tests and Markdown', async () => {
    mkdirSync(join(root, 'src'));
    writeFileSync(join(root, 'src/x.ts'), '1');
    const a: Step = { ...step('a', 'a.c'), inputs: [{ path: 'src' }] };
    await build([a], options());
    writeFileSync(join(root, 'src/x.test.ts'), '1');
    writeFileSync(join(root, 'src/README.md'), '1');
    await build([a], options());
    assert.equal(ran.length, 1);
    writeFileSync(join(root, 'src/y.ts'), '1');
    await build([a], options());
    assert.equal(ran.length, 2);
  });
});
