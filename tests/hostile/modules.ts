// SPDX-License-Identifier: MIT
/**
 * Modules that no well-meaning tool makes, each with what becomes of it: the errno of execve, the signal that the program dies
 * of, or its exit status. hostile-modules.test.ts runs them all in one machine.
 */
import { assemble } from '../harness/wat.ts';
import {
  bare,
  changed,
  check,
  custom,
  exit,
  FORK,
  garbageCollected,
  getppid,
  isWhole,
  limits,
  linux,
  manyFunctions,
  manyLocals,
  MEMORY,
  namedFunctions,
  nestedBlocks,
  noted,
  plain,
  section,
  sections,
  start,
  SYSCALL,
  twoMemories,
  VFORK,
  working,
} from './make-module.ts';

export interface HostileModule {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** As the driver says it. */
  readonly ends: string;
  /** What the host's log says about it. */
  readonly log?: RegExp;
  /** It runs for ever and has to be killed. */
  readonly killed?: boolean;
}

const REFUSED = 'errno 8';
const ILL = 'signal 4';
const ABRT = 'signal 6';
const FPE = 'signal 8';
const KILL = 'signal 9';
const SEGV = 'signal 11';
const BUS = 'signal 7';
const DONE = 'status 0';

function trap(name: string, ends: string, body: string, more = ''): HostileModule {
  return { name, ends, bytes: plain(body, more) };
}

const traps: HostileModule[] = [
  trap('unreachable', ILL, 'unreachable'),
  trap('division by zero', FPE, '(drop (i32.div_s (i32.const 1) (i32.const 0)))'),
  trap('remainder by zero', FPE, '(drop (i64.rem_u (i64.const 1) (i64.const 0)))'),
  trap('integer overflow', FPE, '(drop (i32.div_s (i32.const 0x80000000) (i32.const -1)))'),
  trap('NaN to integer', FPE, '(drop (i32.trunc_f32_s (f32.const nan)))'),
  trap('too large a float to integer', FPE, '(drop (i64.trunc_f64_u (f64.const 1e300)))'),
  trap('load out of bounds', SEGV, '(drop (i32.load (i32.const -4)))'),
  trap('store out of bounds', SEGV, '(i64.store offset=0xfffffff0 (i32.const -4) (i64.const 1))'),
  trap('memory.copy out of bounds', SEGV, '(memory.copy (i32.const 0) (i32.const -1) (i32.const 2))'),
  trap('memory.fill out of bounds', SEGV, '(memory.fill (i32.const 0) (i32.const 1) (i32.const -1))'),
  trap(
    'memory.init out of bounds',
    SEGV,
    '(memory.init $d (i32.const 0) (i32.const 2) (i32.const 9))',
    '(data $d "abc")',
  ),
  trap('table.get out of bounds', SEGV, '(drop (table.get 0 (i32.const 9)))', '(table 1 funcref)'),
  trap(
    'table.init out of bounds',
    SEGV,
    '(table.init $e (i32.const 0) (i32.const 0) (i32.const 2))',
    '(table 1 funcref) (elem $e funcref (ref.null func))',
  ),
  trap('call of null', SEGV, '(call_indirect (i32.const 0))', '(table 1 funcref)'),
  trap('call outside the table', SEGV, '(call_indirect (i32.const 4096))', '(table 1 funcref)'),
  trap(
    'call of a function of another type',
    SEGV,
    '(call_indirect (i32.const 0))',
    '(table 1 funcref) (elem (i32.const 0) func $syscall)',
  ),
  trap('unaligned atomic', BUS, '(drop (i32.atomic.rmw.add (i32.const 1) (i32.const 1)))'),
  trap('wait on unshared memory', ILL, '(drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1)))'),
  trap('endless recursion', SEGV, '(call $r)', '(func $r (call $r))'),
  trap('endless recursion around system calls', SEGV, '(call $r)', `(func $r ${getppid} (call $r))`),
  trap('an exception that nobody catches', ABRT, '(throw $t)', '(tag $t)'),
];

const malformed: HostileModule[] = [
  ...Array.from({ length: working.length }, (_, length) => ({
    name: `a program cut off after ${length} bytes`,
    bytes: working.subarray(0, length),
    // Behind the code section there are names only.
    ends: isWhole(working.subarray(0, length)) ? DONE : REFUSED,
  })),
  { name: 'another magic number', bytes: changed(working, 0, 1), ends: REFUSED },
  { name: 'another version', bytes: changed(working, 4, 2), ends: REFUSED, log: /not run/ },
  { name: 'a component', bytes: changed(working, 6, 1), ends: REFUSED, log: /not run/ },
  { name: 'sections twice', bytes: sections((all) => [...all, ...all]), ends: REFUSED },
  { name: 'sections in another order', bytes: sections((all) => all.toReversed()), ends: REFUSED },
  { name: 'a section of an unknown number', bytes: sections((all) => [...all, section(77)]), ends: REFUSED },
  {
    name: 'more sections than a compiler makes',
    bytes: sections((all) => [...all, ...new Array(100_000).fill(custom('x', []))]),
    ends: REFUSED,
    log: /sections/,
  },
  {
    name: 'a custom section whose name is no text',
    bytes: Buffer.concat([working, Uint8Array.of(0, 4, 3, 0xff, 0xc0, 0x80)]),
    ends: REFUSED,
  },
  {
    name: 'a name section of rubbish',
    bytes: sections((all) => [...all, custom('name', [1, 200, 255, 255, 1, 7])]),
    ends: DONE,
  },
];

const abiNotes: HostileModule[] = [
  { name: 'an empty abi note', bytes: sections((all) => [...all, custom('wasmlinux.abi', [])]), ends: DONE },
  {
    name: 'an abi note of version 65535',
    bytes: noted([255, 255, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0]),
    ends: DONE,
  },
  { name: 'an abi note of rubbish', bytes: noted([1, 0, 99, 99, 99, 1, 2, 3, 255, 255, 255, 255]), ends: DONE },
  { name: 'a long abi note', bytes: noted([1, 0, ...new Array(100_000).fill(7)]), ends: DONE },
  { name: 'two abi notes', bytes: noted([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0], 2), ends: DONE },
];

function refused(name: string, log: RegExp, fields: string): HostileModule {
  return { name, log, ends: REFUSED, bytes: bare(fields) };
}

const main = start('');
const shapes: HostileModule[] = [
  refused('no memory', /no memory/, main),
  refused('4 GiB of memory', /65536 pages/, `(memory (export "memory") 65536) ${main}`),
  refused('4 GiB of imported memory', /65536 pages/, `(import "env" "memory" (memory 65536 65536)) ${main}`),
  refused('a shared memory', /shared/, `(memory (export "memory") 1 2 shared) ${main}`),
  refused('a shared imported memory', /shared/, `(import "env" "memory" (memory 1 2 shared)) ${main}`),
  { name: 'a 64-bit memory', bytes: limits(4), ends: REFUSED },
  { name: 'a memory of small pages', bytes: limits(8), ends: REFUSED },
  { name: 'a second memory', bytes: twoMemories(), ends: REFUSED, log: /more than one memory/ },
  refused('memory of another name', /does not export its memory/, `(memory (export "ram") 1) ${main}`),
  refused('a function called memory', /does not export its memory/, `(memory 1) (func (export "memory")) ${main}`),
  refused('no entry', /neither _start nor main/, MEMORY),
  refused(
    'an entry that is no function',
    /neither _start nor main/,
    `${MEMORY} (global (export "_start") i32 (i32.const 0))`,
  ),
  refused('an entry of another type', /_start has a type/, `${MEMORY} (func (export "_start") (param i64))`),
  refused(
    'a main of another type',
    /main has a type/,
    `${MEMORY} (func (export "main") (param i32 i32 i32) (result i32) (i32.const 0))`,
  ),
  refused('a function of the kernel imported', /env\.schedule/, `(import "env" "schedule" (func)) ${MEMORY} ${main}`),
  refused(
    'a function of the host imported',
    /host\.halt/,
    `(import "host" "halt" (func (param i32 i32 i32))) ${MEMORY} ${main}`,
  ),
  refused('the trampoline’s own imports', /kernel\.memory/, `(import "kernel" "memory" (memory 1)) ${main}`),
  refused('a tag of the host imported', /host\.leave/, `(import "host" "leave" (tag)) ${MEMORY} ${main}`),
  refused(
    'WASI',
    /fd_write/,
    `(import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32))) ${MEMORY} ${main}`,
  ),
  refused(
    'a global imported',
    /__stack_pointer/,
    `(import "env" "__stack_pointer" (global (mut i32))) ${MEMORY} ${main}`,
  ),
  refused(
    'a table imported',
    /__indirect_function_table/,
    `(import "env" "__indirect_function_table" (table 1 funcref)) ${MEMORY} ${main}`,
  ),
  refused(
    'a call with a wrong type',
    /wrong type/,
    `(import "env" "wasmlinux_syscall32" (func (param i64 i32) (result i32))) ${MEMORY} ${main}`,
  ),
  refused('a call as a memory', /wasmlinux_fork/, `(import "env" "wasmlinux_fork" (memory 1)) ${main}`),
  refused('the memory as a call', /env\.memory/, `(import "env" "memory" (func)) ${MEMORY} ${main}`),
  refused('a table of 10,000,000 slots', /slots/, `${MEMORY} (table 10000000 funcref) ${main}`),
  refused('forty tables of 50,000 slots', /slots/, `${MEMORY} ${'(table 50000 externref)'.repeat(40)} ${main}`),
  refused('an exception that holds exceptions', /tag/, `${MEMORY} (tag (param externref)) ${main}`),
  refused('a thousand results', /results/, `${MEMORY} (type (func (result ${'i32 '.repeat(1000)}))) ${main}`),
  { name: 'a type of the garbage collector', bytes: garbageCollected(), ends: REFUSED, log: /garbage/ },
  { name: '60,000 locals', bytes: manyLocals(60_000, 1), ends: REFUSED },
  { name: '40,000 locals in 20,000 loops', bytes: manyLocals(40_000, 20_000), ends: REFUSED, log: /locals/ },
  { name: '49,000 locals in one loop', bytes: manyLocals(49_000, 1), ends: DONE },
  { name: '100,000 blocks inside each other', bytes: nestedBlocks(100_000), ends: DONE },
  {
    name: 'a global that only the loader adds',
    bytes: bare(`${MEMORY} (func (export "_start") (param i32) loop (global.set 0 (i32.const 2000000000)) br 0 end)`),
    ends: REFUSED,
  },
  { name: 'a million functions', bytes: manyFunctions(999_998), ends: DONE },
  { name: 'more functions than an engine takes', bytes: manyFunctions(1_100_000), ends: REFUSED },
  {
    name: 'data behind the end of the memory',
    bytes: bare(`${MEMORY} (data (i32.const 65535) "ab") ${main}`),
    ends: SEGV,
    log: /can't be started/,
  },
  {
    name: 'elements behind the end of the table',
    bytes: bare(`${MEMORY} (table 1 funcref) (elem (i32.const 4096) func $f) (func $f) ${main}`),
    ends: SEGV,
    log: /can't be started/,
  },
  {
    name: '__stack_pointer that cannot be changed',
    bytes: plain(check('(i32.const 0)', 0), '(global (export "__stack_pointer") i32 (i32.const 7))'),
    ends: DONE,
  },
  {
    name: '__stack_pointer of 64 bits',
    bytes: plain(check('(i32.const 0)', 0), '(global (export "__stack_pointer") (mut i64) (i64.const 7))'),
    ends: DONE,
  },
  {
    name: '__stack_pointer that is a function',
    bytes: plain(check('(i32.const 0)', 0), '(func (export "__stack_pointer"))'),
    ends: DONE,
  },
  {
    name: 'a system call as the entry',
    bytes: bare(
      `(import "env" "wasmlinux_syscall32" (func $s (param i32 i32) (result i32))) (export "main" (func $s)) ${MEMORY}`,
    ),
    ends: 'status 218',
  },
  { name: 'fork as the entry', bytes: bare(`${FORK} (export "main" (func $fork)) ${MEMORY}`), ends: 'status 218' },
  { name: 'vfork as the entry', bytes: bare(`${VFORK} (export "main" (func $vfork)) ${MEMORY}`), ends: DONE },
];

const startFunctions: HostileModule[] = [
  ['traps', 'unreachable'],
  ['loops for ever', '(loop (br 0))'],
  ['makes a system call', getppid],
  ['calls a function', '(call $f)'],
  ['throws', '(throw $t)'],
  ['grows the memory', '(drop (memory.grow (i32.const 100)))'],
  [
    'fills more memory than there is, again and again',
    '(memory.fill (i32.const 0) (i32.const 1) (i32.const 65536))'.repeat(2),
  ],
  ['fills as much memory as a global says', '(memory.fill (i32.const 0) (i32.const 1) (global.get $g))'],
].map(([what, body]) => ({
  name: `a start function that ${what}`,
  bytes: bare(
    `${SYSCALL} ${MEMORY} (tag $t) (global $g i32 (i32.const 65536)) (func $f) (func $start ${body}) (start $start) ${main}`,
  ),
  ends: REFUSED,
  log: /start function/,
}));
startFunctions.push(
  {
    name: 'a start function that only fills memory',
    bytes: bare(
      `${SYSCALL} ${MEMORY} (data $d "\\07") (func $start (memory.init $d (i32.const 9) (i32.const 0) (i32.const 1)) (data.drop $d)) (start $start) ${start(check('(i32.load8_u (i32.const 9))', 7))}`,
    ),
    ends: DONE,
  },
  {
    name: 'an import as the start function',
    bytes: bare(
      `(import "env" "wasmlinux_vfork" (func $s (result i32))) ${MEMORY} (func $w (drop (call $s))) (start $w) ${main}`,
    ),
    ends: REFUSED,
    log: /start function/,
  },
);

/** catch_all around what an endless loop does. */
const unkillable = (body: string) => `(loop $again (try (do ${body}) (catch_all)) (br $again))`;
const unkillables: HostileModule[] = [
  { name: 'catch_all around system calls', bytes: plain(unkillable(getppid)), ends: KILL, killed: true },
  {
    name: 'catch_all around system calls in catch_all',
    bytes: plain(unkillable(`(try (do ${getppid}) (catch_all ${getppid} (rethrow 0)))`)),
    ends: KILL,
    killed: true,
  },
  {
    name: 'catch_all around sleeping',
    bytes: plain(unkillable('(drop (call $syscall (i32.const 73) (i32.const 0)))')),
    ends: KILL,
    killed: true,
  },
  { name: 'catch_all around a trap', bytes: plain(unkillable('unreachable')), ends: ILL },
  {
    name: 'catch_all around an exit',
    bytes: plain(unkillable(exit('(i32.const 3)'))),
    ends: 'status 3',
  },
  {
    name: 'catch_all around endless recursion',
    bytes: plain('(call $r)', `(func $r (try (do (call $r)) (catch_all ${getppid})))`),
    ends: SEGV,
  },
  {
    name: 'memory that grows itself for ever',
    bytes: plain(unkillable(`(drop (memory.grow (i32.const 16))) ${getppid}`)),
    ends: KILL,
    killed: true,
  },
  {
    name: 'a table that grows itself for ever',
    bytes: plain(
      unkillable(`(drop (table.grow $t (ref.null func) (i32.const 100000))) ${getppid}`),
      '(table $t 1 funcref)',
    ),
    ends: KILL,
    killed: true,
  },
  {
    name: 'memory that has grown as far as it may',
    bytes: plain(
      `(loop (br_if 0 (i32.ne (memory.grow (i32.const 1024)) (i32.const -1)))) ${check('(i32.le_u (memory.size) (i32.const 16384))', 1)}`,
    ),
    ends: DONE,
  },
  {
    name: 'a table that has grown as far as it may',
    bytes: plain(
      `(loop (br_if 0 (i32.ne (table.grow $t (ref.null func) (i32.const 65536)) (i32.const -1)))) ${check('(i32.le_u (table.size $t) (i32.const 1048576))', 1)}`,
      '(table $t 1 funcref)',
    ),
    ends: DONE,
  },
];

/** Two threads: the first does `main` once it has made the second, which does `thread`. */
function threads(main: string, thread: string): Uint8Array {
  const CLONE = 0x10f00; // VM, FS, FILES, SIGHAND, THREAD
  const clone = `(i32.store (i32.const 2048) (i32.const ${CLONE})) (i32.store (i32.const 2052) (i32.const 4096))
    (drop (call $syscall (i32.const 220) (i32.const 2048)))`;
  return plain(
    `${clone} ${main}`,
    `(data (i32.const 2080) "/bin/true\\00")
     (func (export "__wasm_thread_entry") (param i32 i32 i32 i32) ${thread})`,
  );
}

/** sched_yield: the other thread's turn. */
const yields = '(drop (call $syscall (i32.const 124) (i32.const 0)))';
const execTrue = `(i32.store (i32.const 3000) (i32.const 2080)) (i32.store (i32.const 2048) (i32.const 2080)) (i32.store (i32.const 2052) (i32.const 3000))
  (i32.store (i32.const 2056) (i32.const 3004)) (drop (call $syscall (i32.const 221) (i32.const 2048)))`;
const threaded: HostileModule[] = [
  {
    name: 'catch_all in a thread, and exit in another',
    bytes: threads(`${yields} ${exit('(i32.const 4)')}`, unkillable(yields)),
    ends: 'status 4',
  },
  {
    name: 'catch_all in the first thread, and exit in another',
    bytes: threads(unkillable(yields), `${yields} ${exit('(i32.const 6)')}`),
    ends: 'status 6',
  },
  {
    name: 'catch_all in a thread, and exec in another',
    bytes: threads(`${yields} ${execTrue}`, unkillable(yields)),
    ends: DONE,
  },
  {
    name: 'catch_all in the first thread, and exec in another',
    bytes: threads(unkillable(yields), `${yields} ${execTrue}`),
    ends: DONE,
  },
  {
    name: 'catch_all in the first thread, and a trap in another',
    bytes: threads(unkillable(yields), `${yields} unreachable`),
    ends: ILL,
  },
  {
    name: 'catch_all in two threads',
    bytes: threads(unkillable(yields), unkillable(yields)),
    ends: KILL,
    killed: true,
  },
];

/** Asyncify's exports, with bodies of one's own. */
function asyncify(
  bodies: Partial<Record<'startUnwind' | 'stopUnwind' | 'startRewind' | 'stopRewind' | 'state', string>>,
  body: string,
  more = '',
): Uint8Array {
  const memories = '(import "env" "memory" (memory 2 64)) (import "env" "wasmlinux_frames" (memory 64 64))';
  return linux(`${SYSCALL} ${FORK} ${VFORK} ${memories} (tag $t) ${more}
    (func $startUnwind (export "asyncify_start_unwind") (param i32) ${bodies.startUnwind ?? ''})
    (func (export "asyncify_stop_unwind") ${bodies.stopUnwind ?? ''})
    (func (export "asyncify_start_rewind") (param i32) ${bodies.startRewind ?? ''})
    (func (export "asyncify_stop_rewind") ${bodies.stopRewind ?? ''})
    (func (export "asyncify_get_state") (result i32) ${bodies.state ?? '(i32.const 0)'})
    (func (export "_start") (param i32) (local $n i32) ${body})`);
}

/** A forked child that begins again instead of rewinding exits, so that there are two processes and not endlessly many. */
const forkOnce = '(if (i32.eqz (call $fork)) (then (return)))';
const forks: HostileModule[] = [
  {
    name: 'fork without what fork needs',
    bytes: assemble(`(module ${SYSCALL} ${FORK} ${MEMORY} ${start(check('(call $fork)', -38))})`),
    ends: DONE,
  },
  {
    name: 'asyncify by hand, and then fork',
    bytes: asyncify({}, `(call $startUnwind (i32.const 0)) ${forkOnce}`),
    ends: DONE,
  },
  {
    name: 'fork whose unwinding traps',
    bytes: asyncify({ startUnwind: 'unreachable' }, '(drop (call $fork))'),
    ends: ILL,
  },
  {
    name: 'fork whose unwinding throws',
    bytes: asyncify({ startUnwind: '(throw $t)' }, '(drop (call $fork))'),
    ends: ABRT,
  },
  {
    name: 'fork whose unwinding throws to a catch_all',
    bytes: asyncify(
      { startUnwind: '(throw $t)' },
      `(try (do (drop (call $fork))) (catch_all)) ${exit('(i32.const 5)')}`,
    ),
    ends: 'status 5',
  },
  {
    name: 'fork whose unwinding throws, and fork again',
    bytes: asyncify(
      { startUnwind: '(throw $t)' },
      `(try (do (drop (call $fork))) (catch_all)) (drop (call $fork)) unreachable`,
    ),
    ends: ABRT,
  },
  {
    name: 'fork whose unwinding exits',
    bytes: asyncify({ startUnwind: exit('(i32.const 6)') }, '(drop (call $fork))'),
    ends: 'status 6',
  },
  {
    name: 'fork whose unwinding forks',
    bytes: asyncify({ startUnwind: '(drop (call $fork))' }, '(drop (call $fork))'),
    ends: SEGV,
  },
  {
    name: 'a clone of frames that are not there, while it rewinds',
    bytes: asyncify(
      {
        startRewind:
          '(i32.store (i32.const 2048) (i32.const 17)) (if (i32.ne (call $syscall (i32.const 220) (i32.const 2048)) (i32.const -38)) (then unreachable))',
      },
      forkOnce,
    ),
    ends: DONE,
  },
  {
    name: 'an unwinding that nobody has asked for',
    bytes: asyncify({}, check('(call $syscall (i32.const 246) (i32.const 0))', -22)),
    ends: DONE,
  },
  {
    name: 'fork whose unwinding recurses',
    bytes: asyncify({ startUnwind: '(call $startUnwind (local.get 0))' }, '(drop (call $fork))'),
    ends: SEGV,
  },
  {
    name: 'a vfork child that forks and leaves while it unwinds',
    bytes: asyncify(
      { startUnwind: exit('(i32.const 0)') },
      `(if (i32.eqz (call $vfork)) (then (drop (call $fork)))) ${getppid} ${exit('(i32.const 7)')}`,
    ),
    ends: ILL,
  },
  {
    name: 'a vfork child that forks and executes something while it unwinds',
    bytes: asyncify(
      {
        startUnwind:
          '(i32.store (i32.const 2048) (i32.const 2080)) (i32.store (i32.const 2052) (i32.const 3000)) (i32.store (i32.const 2056) (i32.const 3000)) (drop (call $syscall (i32.const 221) (i32.const 2048)))',
      },
      `(if (i32.eqz (call $vfork)) (then (drop (call $fork)))) ${getppid} ${exit('(i32.const 7)')}`,
      '(data (i32.const 2080) "/bin/true\\00")',
    ),
    ends: ILL,
  },
  {
    name: 'a vfork child that forks and is killed while it unwinds',
    bytes: asyncify(
      {
        // kill(getpid(), SIGKILL)
        startUnwind:
          '(i32.store (i32.const 2048) (call $syscall (i32.const 172) (i32.const 0))) (i32.store (i32.const 2052) (i32.const 9)) (drop (call $syscall (i32.const 129) (i32.const 2048)))',
      },
      `(if (i32.eqz (call $vfork)) (then (drop (call $fork)))) ${getppid} ${exit('(i32.const 7)')}`,
    ),
    ends: ILL,
  },
  {
    name: 'fork that calls vfork while it unwinds',
    bytes: asyncify(
      { startUnwind: `(if (i32.ge_s (call $vfork) (i32.const 0)) (then unreachable))` },
      `(drop (call $fork)) ${exit('(i32.const 8)')}`,
    ),
    ends: 'status 8',
  },
  {
    name: 'fork of a vector that JavaScript cannot hold',
    bytes: asyncify(
      {},
      `(local.set $n (call $fork)) ${check('(local.get $n)', -38)}`,
      '(global (export "v") (mut v128) (v128.const i32x4 1 2 3 4))',
    ),
    ends: DONE,
  },
  {
    name: 'fork of a reference',
    bytes: asyncify(
      {},
      `(local.set $n (call $fork)) ${check('(local.get $n)', -38)}`,
      '(global (export "f") (mut funcref) (ref.null func))',
    ),
    ends: DONE,
  },
  {
    name: 'a state that is asked for for ever',
    bytes: asyncify({ state: '(loop (br 0)) (i32.const 0)' }, exit('(i32.const 9)')),
    ends: 'status 9',
  },
  {
    name: 'a state that is a system call',
    bytes: asyncify({ state: '(call $fork)' }, exit('(i32.const 9)')),
    ends: 'status 9',
  },
];

/** What they call their functions must not reach a terminal as it is. */
export const nastyNames: readonly HostileModule[] = [
  {
    name: 'an escape sequence as an import’s name',
    bytes: bare(`(import "env" "\\1b[2J\\07" (func)) ${MEMORY} ${main}`),
    ends: REFUSED,
    log: /env\.\\x1b\[2J\\x07/,
  },
  { name: 'an escape sequence as a function’s name', bytes: namedFunctions('\x1b]0;owned\x07\x9b2J'), ends: ILL },
  { name: 'a function’s name of 90,000 letters', bytes: namedFunctions('é'.repeat(45_000)), ends: ILL },
  {
    name: 'a function’s name that is a report',
    bytes: namedFunctions('x (wasm://wasm/vmlinux-1:wasm-function[1]\n  in panic'),
    ends: ILL,
  },
];

export const hostileModules: readonly HostileModule[] = [
  ...traps,
  ...malformed,
  ...abiNotes,
  ...shapes,
  ...startFunctions,
  ...unkillables,
  ...threaded,
  ...forks,
  ...nastyNames,
  { name: 'a program that works', bytes: working, ends: DONE },
];
