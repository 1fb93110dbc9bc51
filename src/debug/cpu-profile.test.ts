// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CallFrame, type CpuProfile, readableProfile } from './cpu-profile.ts';

const frame = (functionName: string, url = '', columnNumber = -1): CallFrame => ({
  functionName,
  scriptId: '7',
  url,
  lineNumber: url ? 0 : -1,
  columnNumber,
});

const KERNEL = 'wasm://wasm/vmlinux.wasm-01a2efce';
const TOP = 'file:///somewhere/wasmlinux/';

/** Each sample as its chain of calls, outermost first. */
function chains({ nodes, samples }: CpuProfile): string[] {
  const callers = new Map(nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node] as const)));
  return samples.map((sample) => {
    const names: string[] = [];
    for (let node = nodes.find(({ id }) => id === sample); node; node = callers.get(node.id)) {
      names.unshift(`${node.callFrame.functionName}@${node.callFrame.url}`);
    }
    return names.join(' ');
  });
}

const raw: CpuProfile = {
  nodes: [
    { id: 1, callFrame: frame('(root)'), hitCount: 0, children: [2, 3, 4, 9, 10] },
    { id: 2, callFrame: frame('(idle)'), hitCount: 1 },
    { id: 3, callFrame: frame('task_entry', KERNEL, 50), hitCount: 0, children: [5] },
    { id: 4, callFrame: frame('task_entry', 'wasm://wasm/vmlinux.wasm-0000ffff', 50), hitCount: 0, children: [6, 8] },
    { id: 5, callFrame: frame('main', 'wasm://wasm/a-b.wasm-00000001', 9), hitCount: 2 },
    { id: 6, callFrame: frame('main', 'wasm://wasm/a-b.wasm-00000001', 9), hitCount: 1, children: [7] },
    { id: 7, callFrame: frame('vfs_read', KERNEL, 70), hitCount: 1 },
    { id: 8, callFrame: frame('wasm-function[3]', 'wasm://wasm/00000002', 90), hitCount: 1 },
    { id: 9, callFrame: frame('boot', `${TOP}src/machine/machine.ts`, 4), hitCount: 1 },
    { id: 10, callFrame: frame('run', 'node:internal/modules', 4), hitCount: 0, children: [11] },
    { id: 11, callFrame: frame('wasm-function[3]', 'wasm://wasm/00000003', 90), hitCount: 1 },
  ],
  startTime: 1000,
  endTime: 2000,
  samples: [2, 5, 5, 6, 7, 8, 9, 11],
  timeDeltas: [1, 2, 3, 4, 5, 6, 7, 8],
};

test('kernel, programs and our own files have readable places', () => {
  assert.deepEqual(chains(readableProfile(raw, TOP)), [
    '(root)@ (idle)@',
    '(root)@ task_entry@kernel main@a-b',
    '(root)@ task_entry@kernel main@a-b',
    '(root)@ task_entry@kernel main@a-b',
    '(root)@ task_entry@kernel main@a-b vfs_read@kernel',
    '(root)@ task_entry@kernel wasm-function[3]@program 00000002',
    '(root)@ boot@src/machine/machine.ts',
    '(root)@ run@node:internal/modules wasm-function[3]@wasm 00000003',
  ]);
});

test('what is one function of one caller is one node, with all its samples', () => {
  const { nodes, startTime, endTime, timeDeltas } = readableProfile(raw, TOP);
  assert.deepEqual(
    nodes.filter(({ callFrame }) => callFrame.functionName === 'main').map(({ hitCount }) => hitCount),
    [3],
  );
  assert.equal(nodes.length, 9);
  assert.deepEqual({ startTime, endTime, timeDeltas }, { startTime: 1000, endTime: 2000, timeDeltas: raw.timeDeltas });
});

test('functions of one name at different offsets stay apart', () => {
  const twins: CpuProfile = {
    ...raw,
    nodes: [
      { id: 1, callFrame: frame('(root)'), hitCount: 0, children: [2, 3] },
      { id: 2, callFrame: frame('cleanup', KERNEL, 50), hitCount: 1 },
      { id: 3, callFrame: frame('cleanup', KERNEL, 60), hitCount: 1 },
    ],
    samples: [2, 3],
    timeDeltas: [1, 1],
  };
  assert.equal(readableProfile(twins, TOP).nodes.length, 3);
});
