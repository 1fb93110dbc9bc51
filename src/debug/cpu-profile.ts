// SPDX-License-Identifier: MIT
/**
 * V8's CPU profiles (.cpuprofile, the Profiler domain of the DevTools protocol), and what makes one of a machine readable: the
 * kernel, each program and our own files under names that tell them apart, and what is one function as one node wherever
 * the engine had several. Called by src/host/node/cpu-profiler.ts.
 */

export interface CallFrame {
  readonly functionName: string;
  readonly scriptId: string;
  /** Where the function is: what DevTools groups by. */
  readonly url: string;
  /** From 0; -1 when there is none. Of wasm functions the column is the offset in the module. */
  readonly lineNumber: number;
  readonly columnNumber: number;
}

export interface ProfileNode {
  readonly id: number;
  readonly callFrame: CallFrame;
  /** Samples in which this node was the innermost. */
  readonly hitCount: number;
  readonly children?: readonly number[];
}

/** A tree of calls, the first node its root, and which node each sample was in. Times in microseconds. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  readonly startTime: number;
  readonly endTime: number;
  /** Ids of nodes. */
  readonly samples: readonly number[];
  /** Of each sample: the time since the one before. */
  readonly timeDeltas: readonly number[];
}

/** Where functions of the kernel are. */
const KERNEL_URL = 'kernel';
/** The name that the kernel's link gives to its module. */
const KERNEL_MODULE = 'vmlinux.wasm';

/** wasm://wasm/<name of the module>-<hash>, or without a name the hash alone. */
const WASM_URL = /^wasm:\/\/wasm\/(?:(.+)-)?([0-9a-f]{8})$/;

interface GrowingNode {
  readonly id: number;
  readonly callFrame: CallFrame;
  hitCount: number;
  readonly children: Map<string, GrowingNode>;
}

/**
 * The profile of a machine's thread with readable places. A module shows under its own name ("kernel", "busybox"), our files
 * relative to `top` (a URL that ends with "/"), the rest as it is.
 */
export function readableProfile(profile: CpuProfile, top: string): CpuProfile {
  const nodes: GrowingNode[] = [];
  const add = (callFrame: CallFrame): GrowingNode => {
    const node = { id: nodes.length + 1, callFrame, hitCount: 0, children: new Map() };
    nodes.push(node);
    return node;
  };
  const byId = new Map(profile.nodes.map((node) => [node.id, node]));
  const merged = new Map<number, GrowingNode>();
  const [rawRoot] = profile.nodes;
  if (!rawRoot) return profile;
  const root = add(readableFrame(rawRoot.callFrame, rawRoot.callFrame, top));
  const pending: [ProfileNode, GrowingNode][] = [[rawRoot, root]];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const [raw, node] = next;
    merged.set(raw.id, node);
    for (const id of raw.children ?? []) {
      const child = byId.get(id);
      if (!child) continue;
      const callFrame = readableFrame(child.callFrame, node.callFrame, top);
      const { functionName, url, lineNumber, columnNumber } = callFrame;
      const key = JSON.stringify([functionName, url, lineNumber, columnNumber]);
      const known = node.children.get(key) ?? add(callFrame);
      node.children.set(key, known);
      pending.push([child, known]);
    }
  }
  const samples = profile.samples.map((id) => merged.get(id) ?? root);
  // The engine does not count the samples that it takes beside its clock.
  for (const node of samples) node.hitCount++;
  return {
    nodes: nodes.map(({ id, callFrame, hitCount, children }) => ({
      id,
      callFrame,
      hitCount,
      ...(children.size > 0 && { children: [...children.values()].map((child) => child.id) }),
    })),
    startTime: profile.startTime,
    endTime: profile.endTime,
    samples: samples.map(({ id }) => id),
    timeDeltas: profile.timeDeltas,
  };
}

function readableFrame(frame: CallFrame, caller: CallFrame, top: string): CallFrame {
  // The engine's numbers of scripts differ for each load of a module, and name nothing that a reader of the file has.
  return { ...frame, scriptId: '0', url: readableUrl(frame.url, caller, top) };
}

function readableUrl(url: string, caller: CallFrame, top: string): string {
  if (url.startsWith(top)) return url.slice(top.length);
  const wasm = WASM_URL.exec(url);
  if (!wasm) return url;
  const [, name, hash] = wasm;
  if (name === KERNEL_MODULE) return KERNEL_URL;
  if (name !== undefined) return name.replace(/\.wasm$/, '');
  // Node has modules of its own, which JavaScript calls; those of a machine are called by the kernel.
  return caller.url.includes(':') ? `wasm ${hash}` : `program ${hash}`;
}
