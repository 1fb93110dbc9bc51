// SPDX-License-Identifier: MIT
/**
 * Checks that wasm-ld has laid the kernel's data out as the kernel expects. Elsewhere a linker script collects the sections
 * that the kernel walks as arrays; here their order hangs on kernel/arch/wasm/kernel/lds_head.c, and a section that a newer
 * kernel adds would silently land somewhere. So every segment of the link map must be known, and the arrays must be whole.
 *
 * The kernel step calls checkLayout() after each link.
 */

/** A data segment of the module, or a symbol in one. Addresses and sizes in bytes. */
interface Segment {
  readonly name: string;
  readonly address: number;
  readonly size: number;
}

interface LinkMap {
  readonly segments: ReadonlyMap<string, Segment>;
  readonly symbols: ReadonlyMap<string, number>;
}

const initcallLevels = ['0', '1', '2', '3', '4', '5', 'rootfs', '6', '7'] as const;

/** Segments that the kernel walks as one array: in this order, each beginning where the one before ends. */
const sequences: Readonly<Record<string, readonly string[]>> = {
  'scheduling classes': [
    '__stop_sched_class',
    '__dl_sched_class',
    '__rt_sched_class',
    '__fair_sched_class',
    '__ext_sched_class',
    '__idle_sched_class',
    '__lowest_sched_class',
  ],
  initcalls: [
    '.initcallearly.init',
    ...initcallLevels.flatMap((level) => [`.initcall${level}.init`, `.initcall${level}s.init`]),
    '.initcallend.init',
  ],
};

/** Segments that are freed after boot lie between these two, and nothing else does. */
const initRange = ['.init.data', '.initend'] as const;

const initSegments = [
  ...initRange,
  '.init.rodata',
  '.init.setup',
  '.con_initcall.init',
  '.exitcall.exit',
  '.modinfo',
  ...(sequences.initcalls ?? []),
];

/** Segments of which wasm-ld defines the start and end, and those that nobody walks. */
const freeSegments = ['.rodata', '.data', '.bss', '__param', '__modver', '__ex_table', '.ref.data', '.note.Linux'];

/** Symbols that must lie at the start (0) or the end (1) of a segment. */
const bounds: readonly (readonly [symbol: string, segment: string, end: 0 | 1])[] = [
  ['__start_rodata', '.rodata', 0],
  ['__end_rodata', '.rodata', 1],
  ['_sdata', '.data', 0],
  ['_edata', '.data', 1],
  ['__bss_start', '.bss', 0],
  ['__bss_stop', '.bss', 1],
  ['__sched_class_highest', '__stop_sched_class', 0],
  ['__sched_class_lowest', '__lowest_sched_class', 0],
  ['__setup_start', '.init.setup', 0],
  ['__setup_end', '.init.setup', 1],
  ['__initcall_start', '.initcallearly.init', 0],
  ...initcallLevels.map((level) => [`__initcall${level}_start`, `.initcall${level}.init`, 0] as const),
  ['__initcall_end', '.initcallend.init', 0],
  ['__con_initcall_start', '.con_initcall.init', 0],
  ['__con_initcall_end', '.con_initcall.init', 1],
  ['__init_begin', '.init.data', 0],
  ['__init_end', '.initend', 0],
];

const hex = (address: number): string => `0x${address.toString(16)}`;
const end = (segment: Segment): number => segment.address + segment.size;

/** What is wrong with the layout in a link map of wasm-ld (-Map), one sentence each; none if all is well. */
export function checkLayout(map: string): string[] {
  const link = parseMap(map);
  return [...unknownSegments(link), ...brokenSequences(link), ...misplacedInit(link), ...misplacedBounds(link)];
}

function unknownSegments({ segments }: LinkMap): string[] {
  const known = new Set([...freeSegments, ...initSegments, ...Object.values(sequences).flat()]);
  return [...segments.keys()]
    .filter((name) => !known.has(name))
    .map((name) => `section ${name} is not known: who walks it, and where must it lie?`);
}

function brokenSequences({ segments }: LinkMap): string[] {
  const problems: string[] = [];
  for (const [what, names] of Object.entries(sequences)) {
    let previous: Segment | undefined;
    for (const name of names) {
      const segment = segments.get(name);
      if (!segment) problems.push(`${what}: section ${name} is missing`);
      else if (previous && segment.address !== end(previous)) {
        problems.push(
          `${what}: ${name} is at ${hex(segment.address)}, but ${previous.name} ends at ${hex(end(previous))}`,
        );
      }
      previous = segment ?? previous;
    }
  }
  return problems;
}

function misplacedInit({ segments }: LinkMap): string[] {
  const [first, last] = initRange.map((name) => segments.get(name));
  if (!first || !last) return [`sections ${initRange.join(' and ')} must exist`];
  return [...segments.values()].flatMap((segment) => {
    const freed = initSegments.includes(segment.name);
    const inside = segment.address >= first.address && end(segment) <= last.address;
    const outside = end(segment) <= first.address || segment.address >= last.address;
    if (freed ? inside : outside) return [];
    return [`section ${segment.name} is ${freed ? 'not ' : ''}freed after boot`];
  });
}

function misplacedBounds({ segments, symbols }: LinkMap): string[] {
  const problems: string[] = [];
  for (const [symbol, name, atEnd] of bounds) {
    const address = symbols.get(symbol);
    const segment = segments.get(name);
    const wanted = segment && (atEnd ? end(segment) : segment.address);
    if (address === undefined) problems.push(`symbol ${symbol} is missing`);
    else if (wanted !== undefined && address !== wanted) {
      problems.push(
        `symbol ${symbol} is at ${hex(address)}, not at the ${atEnd ? 'end' : 'start'} of ${name}, ${hex(wanted)}`,
      );
    }
  }
  return problems;
}

/**
 * Reads the part of the map that is about data. Its lines have three hexadecimal numbers (address, offset in the file, size)
 * and a name, which is indented by 0 for a segment, 8 for a part of it, 16 for a symbol.
 */
function parseMap(map: string): LinkMap {
  const segments = new Map<string, Segment>();
  const symbols = new Map<string, number>();
  const data = map.slice(map.search(/^ +- +[0-9a-f]+ +[0-9a-f]+ DATA$/m));
  for (const [, address = '', size = '', indent = '', name = ''] of data.matchAll(
    /^ *([0-9a-f]+) +[0-9a-f]+ +([0-9a-f]+) ((?: {8}){0,2})(\S+)$/gm,
  )) {
    const at = Number.parseInt(address, 16);
    if (indent === '') segments.set(name, { name, address: at, size: Number.parseInt(size, 16) });
    else if (indent.length === 16) symbols.set(name, at);
  }
  return { segments, symbols };
}
