// SPDX-License-Identifier: MIT
/**
 * The one list of everything that crosses between the kernel and its host.
 *
 * `hostImports` is what vmlinux.wasm imports from module "host"; `kernelExports` is what it exports. The C declarations
 * (asm/host.h) are generated from this file when the kernel is built, the TypeScript types below are mapped from it, and
 * the machine refuses a vmlinux.wasm whose imports or exports differ. Adding a crossing is an event: document it here.
 *
 * Conventions. `ptr` is an address in kernel memory, `uptr` one in the memory of a program, `task` the address of a
 * task_struct (the host uses it as a key only; they are 1 KiB apart at least), `slot` an index into the kernel's function table, `errno` a result that is
 * a negative errno on failure. Times are nanoseconds in an f64 (exact below 2^53 ns = 104 days; the host rebases to boot).
 * `suspends` marks a WebAssembly.Suspending import: the calling stack sleeps there, other stacks run meanwhile, and the
 * kernel must restore its __stack_pointer afterwards.
 */

/** How a parameter is passed. All but `f64` are wasm i32. */
export type WasmKind = 'ptr' | 'uptr' | 'task' | 'slot' | 'u32' | 'i32' | 'errno' | 'f64';

/** One function that crosses the border. */
export interface Crossing {
  readonly doc: string;
  /** Name and kind of each parameter, in order. */
  readonly params: readonly (readonly [name: string, kind: WasmKind])[];
  readonly result: WasmKind | 'void';
  /** Import only: a WebAssembly.Suspending function. */
  readonly suspends?: true;
  /** Import only: does not return to its caller (the host ends the stack). */
  readonly noreturn?: true;
}

/** Why the machine stops: the first argument of `halt`. */
export const Halt = {
  /** poweroff, halt or reboot: status 0. */
  PowerOff: 0,
  Restart: 1,
  Halt: 2,
  /** reboot(RESTART2, "exit N"): the machine's status is N. */
  Exit: 3,
  /** panic, oops or a trap in the kernel: status 70 (EX_SOFTWARE of sysexits.h). */
  Panic: 4,
} as const;

/** Interrupt lines: bits for the kernel's export `interrupt`. */
export const Irq = {
  /** Console input waits, or console output may go on. */
  Console: 1,
  /** The clockevent's deadline has passed (the kernel also notices by itself). */
  Timer: 2,
  /** A stream has become readable or writable. */
  Stream: 4,
  /** The console's window size has changed. */
  Resize: 8,
  /** The host wants an orderly shutdown, as by Ctrl-Alt-Del. */
  PowerButton: 16,
  /** A host task has a call to make, or is to break off the one that it makes: the kernel asks call_event. */
  Call: 32,
} as const;

/** Flags of `switch_to`. */
export const SwitchFlag = {
  /** `next` has no stack yet: begin one at task_entry(next). */
  StartNext: 1,
  /** `prev` is dead: its stack must be finished, or with StackFree carry another task; never resumed as prev's. */
  PrevDead: 2,
  /** On a dead task's stack are the kernel's frames only: resumed, it begins whichever task is current, above them. */
  StackFree: 4,
  /** `next`, which has no stack yet, may begin on a free one. */
  StartShared: 8,
} as const;

/** How the kernel calls a program's entry: `entryKind` of struct host_space. */
export const EntryKind = {
  /** _start(block): block is the address of argc, argv, envp and auxv. */
  Start: 0,
  /** main(argc, argv): its result is the exit status. */
  Main: 1,
} as const;

/**
 * struct host_space, 32-bit fields in this order: what the kernel must know of a new address space. The host fills it in
 * `space_create` and `space_fork`.
 */
export const hostSpaceFields = [
  /** The host's handle, for space_* calls. Never 0. */
  'id',
  /** First of `shimFunctions.length` consecutive table slots: the two-memory functions of this space. */
  'shim',
  /** Table slot of the entry, normalised to (i32, i32) -> i32; see EntryKind. */
  'entry',
  'entryKind',
  /** Table slot of __wasm_thread_entry(fn, arg, stack, tls), or 0. */
  'threadEntry',
  /** Table slot of __wasm_handler_entry(frame), or 0: where the child of a fork in a signal handler begins. */
  'handlerEntry',
  /** First of four slots asyncify_{start_unwind, stop_unwind, start_rewind, stop_rewind}, or 0. */
  'asyncify',
  /**
   * Bytes of memory that belong to the program (the engine's memory may be larger: it is pooled). The kernel sets it before
   * space_fork: so many bytes are the child's, at most as many as the parent has.
   */
  'size',
  /** Bytes up to which the memory may grow. */
  'max',
  /** Address in user memory of the card table (src/wasm/store-marks.ts), or 0. */
  'cards',
] as const;

/** How far a fork() of a program has come (kernel/fork.c): `forkState` of struct host_task. */
export const ForkState = {
  None: 0,
  /** The program's frames are being put away: what the import returned is no result. */
  Unwind: 1,
  /** They come back: the next call of the import brings the result. */
  Rewind: 2,
} as const;

/** struct host_task, 32-bit fields in this order: what a tracer wants to know of a task. The kernel fills it in `task_describe`. */
export const hostTaskFields = [
  /** The thread's number and its process's, in the machine's first pid namespace. */
  'pid',
  'tgid',
  /** The process that this one's end is told to. */
  'parent',
  /** host_space.id of its address space, 0 for a kernel thread and after its end. */
  'space',
  /** As wait() has it. Valid once the task is dead. */
  'exitCode',
  /** ForkState. */
  'forkState',
  /** 1 when the task or one of its ancestors was passed to task_follow. */
  'followed',
] as const;

/** struct host_call, 32-bit fields in this order: what a host task is to do. The host fills it in `call_next`. */
export const hostCallFields = [
  /** The number of a system call, or one of HostCall. */
  'nr',
  'a0',
  'a1',
  'a2',
  'a3',
  'a4',
  'a5',
] as const;

/** Calls that only host tasks can make, beside the system calls: beyond the numbers of those. */
export const HostCall = {
  /** clone(flags, token): another host task, which attaches with this token. Its result is the new task's number. */
  Clone: 0x10000,
} as const;

/**
 * The functions of an address space's shim: a wasm module that imports the kernel's and the program's memory, so that the
 * kernel reaches user memory by call_indirect, wasm to wasm (about 3 ns). Bounds are checked by the caller against
 * mm->context.size; what lies outside the engine's memory traps.
 */
export const shimFunctions = {
  /** From user to kernel memory. */
  copy_from: { params: ['ptr', 'uptr', 'u32'], result: 'void' },
  /** From kernel to user memory. */
  copy_to: { params: ['uptr', 'ptr', 'u32'], result: 'void' },
  /** memory.copy inside user memory (mremap). */
  move: { params: ['uptr', 'uptr', 'u32'], result: 'void' },
  /** memory.fill with zero. */
  clear: { params: ['uptr', 'u32'], result: 'void' },
  /** 1 when n bytes, a multiple of 64, are the same in user and in kernel memory. */
  same: { params: ['uptr', 'ptr', 'u32'], result: 'u32' },
  load32: { params: ['uptr'], result: 'u32' },
  store32: { params: ['uptr', 'u32'], result: 'void' },
  /** Copies up to and with the NUL, at most n bytes; the string's length, or n when there was no NUL. */
  strncpy_from: { params: ['ptr', 'uptr', 'u32'], result: 'u32' },
  /** The string's length without NUL, or n when there is none in n bytes. */
  strnlen: { params: ['uptr', 'u32'], result: 'u32' },
  /**
   * Of a plain program, which may call memory.grow itself: bytes of the engine's memory, larger than context.size once it has.
   * Of a program of the linux profile 0: its memory may be larger because it has served before.
   */
  memory_size: { params: [], result: 'u32' },
  /** Stores the program's __stack_pointer, __wasm_tp and __tls_base (0 where it has none) as three u32. */
  save_globals: { params: ['ptr'], result: 'void' },
  /** Sets them. */
  load_globals: { params: ['ptr'], result: 'void' },
} as const satisfies Record<string, { params: readonly WasmKind[]; result: WasmKind | 'void' }>;

export const hostImports = {
  // Time and entropy
  clock_monotonic: { doc: 'Nanoseconds since the machine was made; never goes back.', params: [], result: 'f64' },
  clock_realtime: { doc: 'Nanoseconds since the epoch (UTC).', params: [], result: 'f64' },
  random_seed: {
    doc: "Fills n bytes from the host's cryptographic random source.",
    params: [
      ['buf', 'ptr'],
      ['n', 'u32'],
    ],
    result: 'void',
  },

  // Scheduling: a task is an engine stack
  idle: {
    doc: 'Sleeps until an interrupt is raised or the monotonic clock reaches deadline (Infinity: no deadline). Costs no CPU.',
    params: [['deadline', 'f64']],
    result: 'void',
    suspends: true,
  },
  yield_turn: {
    doc: "Gives the host's event loop one turn, so that its timers and input are served. The kernel calls it at least every 4 ms.",
    params: [],
    result: 'void',
    suspends: true,
  },
  switch_to: {
    doc: "Suspends the calling stack as prev's and resumes next's. flags: SwitchFlag. lender: the task whose stack prev runs on, when it is a vfork child, else 0.",
    params: [
      ['prev', 'task'],
      ['next', 'task'],
      ['flags', 'u32'],
      ['lender', 'task'],
    ],
    result: 'void',
    suspends: true,
  },
  task_restart: {
    doc: 'Finishes the calling stack with a trap that no program can catch and begins a fresh one at user_entry(task): after exec, and for a forked child.',
    params: [['task', 'task']],
    result: 'void',
    noreturn: true,
  },
  task_release: {
    doc: 'The task_struct is about to be freed: finish its stack if one is suspended and forget the task.',
    params: [['task', 'task']],
    result: 'void',
  },

  // vfork by identity swap: the child goes on on its parent's stack, the parent waits on a helper stack
  vfork_begin: {
    doc: 'Suspends the calling stack as lent by parent and begins a helper stack at vfork_entry(parent). Returns as the child, or as the parent when clone failed.',
    params: [['parent', 'task']],
    result: 'void',
    suspends: true,
  },
  vfork_lend: {
    doc: 'The stack lent by parent is from now on the suspended stack of child.',
    params: [
      ['child', 'task'],
      ['parent', 'task'],
    ],
    result: 'void',
  },
  vfork_leave: {
    doc: "The child has exec'd: the calling stack is parent's again and suspended as lent; child begins a fresh stack at user_entry(child). Returns as the parent.",
    params: [
      ['child', 'task'],
      ['parent', 'task'],
    ],
    result: 'void',
    suspends: true,
  },
  vfork_back: {
    doc: "Called on the parent's helper stack once its own stack has been given back: sets the kernel's __stack_pointer to sp and resumes the parent's stack when this one has ended.",
    params: [
      ['parent', 'task'],
      ['sp', 'u32'],
    ],
    result: 'void',
  },

  // Tracing
  signal_taken: {
    doc: 'The current task, which is followed (task_follow), is about to take this signal: info is a kernel_siginfo_t, handler its sa_handler, result that of the system call it is in, which may be one of the kernel-internal errors (-ERESTARTSYS and its like).',
    params: [
      ['info', 'ptr'],
      ['handler', 'uptr'],
      ['result', 'i32'],
    ],
    result: 'void',
  },

  // Modules and address spaces
  module_lookup: {
    doc: "The compiled module that was committed under this key (an opaque byte string that names a file's exact contents), or 0.",
    params: [
      ['key', 'ptr'],
      ['key_len', 'u32'],
    ],
    result: 'u32',
  },
  module_begin: {
    doc: 'Begins to take in a module of size bytes; the handle of the load. trusted: 1 when it may say of itself whether it polls, because only root could have written it.',
    params: [
      ['size', 'u32'],
      ['trusted', 'u32'],
    ],
    result: 'errno',
  },
  module_append: {
    doc: 'The next n bytes of the load.',
    params: [
      ['load', 'u32'],
      ['buf', 'ptr'],
      ['n', 'u32'],
    ],
    result: 'errno',
  },
  module_commit: {
    doc: "Compiles the load and ends it. key_len 0: not to be found again. The module, or -ENOEXEC (with the reason in the host's log) or -ENOMEM; or -EAGAIN: there is more to do, to be called again.",
    params: [
      ['load', 'u32'],
      ['key', 'ptr'],
      ['key_len', 'u32'],
    ],
    result: 'errno',
  },
  module_abort: { doc: 'Ends a load without a module.', params: [['load', 'u32']], result: 'void' },
  module_release: {
    doc: 'The kernel no longer uses this handle of a module (the host may keep it cached).',
    params: [['module', 'u32']],
    result: 'void',
  },
  space_create: {
    doc: 'Makes an address space with an instance of the module and fills struct host_space.',
    params: [
      ['module', 'u32'],
      ['space', 'ptr'],
    ],
    result: 'errno',
  },
  space_fork: {
    doc: "Makes an address space with the same contents and globals as the given one and fills struct host_space. stack: __stack_pointer when it points into the program's own stack, all of whose frames lie above it, so that what is below need not be the same; else 0.",
    params: [
      ['id', 'u32'],
      ['space', 'ptr'],
      ['stack', 'uptr'],
    ],
    result: 'errno',
  },
  space_grow: {
    doc: 'Appends bytes (a multiple of the page size) of zeroed memory; the new size, or 0 when there is no more.',
    params: [
      ['id', 'u32'],
      ['bytes', 'u32'],
    ],
    result: 'u32',
  },
  space_release: { doc: 'The address space is no longer used by any task.', params: [['id', 'u32']], result: 'void' },

  // fork: the frames that a program has unwound, in the frames memory (docs/abi.md)
  frames_begin: { doc: 'Prepares the frames memory for asyncify_start_unwind(0).', params: [], result: 'void' },
  frames_length: {
    doc: 'Bytes that have been stored in it, as the program says; at most its size.',
    params: [],
    result: 'u32',
  },
  frames_take: {
    doc: 'Copies n bytes at `at` to buf and wipes them.',
    params: [
      ['buf', 'ptr'],
      ['at', 'u32'],
      ['n', 'u32'],
    ],
    result: 'void',
  },
  frames_put: {
    doc: 'Copies n bytes from buf to `at`.',
    params: [
      ['at', 'u32'],
      ['buf', 'ptr'],
      ['n', 'u32'],
    ],
    result: 'void',
  },
  frames_wipe: { doc: 'Wipes the first n bytes.', params: [['n', 'u32']], result: 'void' },

  // Console (hvc0): a terminal
  console_write: {
    doc: 'How many of the n bytes were taken; fewer means: wait for Irq.Console.',
    params: [
      ['buf', 'ptr'],
      ['n', 'u32'],
    ],
    result: 'u32',
  },
  console_read: {
    doc: 'How many bytes of input were stored, 0 when none waits.',
    params: [
      ['buf', 'ptr'],
      ['n', 'u32'],
    ],
    result: 'u32',
  },
  console_size: { doc: 'Window size as columns * 65536 + rows; 0 when unknown.', params: [], result: 'u32' },

  // Streams (/dev/host/*): binary-safe pipes to the host. stream 0 is its standard input, 1 output, 2 error, 3 what signals it
  // was sent: a byte for each
  stream_read: {
    doc: 'Bytes stored; 0 at the end of the stream; -EAGAIN when none waits (Irq.Stream follows); -EIO.',
    params: [
      ['stream', 'u32'],
      ['buf', 'ptr'],
      ['n', 'u32'],
    ],
    result: 'errno',
  },
  stream_write: {
    doc: 'Bytes taken; -EAGAIN when the host is behind (Irq.Stream follows); -EPIPE when nobody reads any more.',
    params: [
      ['stream', 'u32'],
      ['buf', 'ptr'],
      ['n', 'u32'],
    ],
    result: 'errno',
  },
  stream_poll: {
    doc: "The stream's state as poll(2) bits: POLLIN 1, POLLOUT 4, POLLERR 8, POLLHUP 16.",
    params: [['stream', 'u32']],
    result: 'u32',
  },

  // Host tasks: tasks of the kernel whose code is the host's (kernel/host_task.c)
  call_attach: {
    doc: 'The task takes calls from now on; its buffers are in this address space. token: what the host gave the clone that made it, 0 for one that was not made so. 1, or 0 when the host awaits no such task.',
    params: [
      ['task', 'task'],
      ['space', 'u32'],
      ['token', 'u32'],
    ],
    result: 'u32',
  },
  call_next: {
    doc: 'Takes the next call of a task: fills struct host_call; 1. Or 0 when there is none: it is woken (Irq.Call) when there is.',
    params: [
      ['task', 'task'],
      ['call', 'ptr'],
    ],
    result: 'u32',
  },
  call_done: {
    doc: "The task's call has ended, with this result.",
    params: [
      ['task', 'task'],
      ['result', 'i32'],
    ],
    result: 'void',
  },
  call_left: {
    doc: 'The task takes no more calls: it ends, or executes a program now.',
    params: [['task', 'task']],
    result: 'void',
  },
  call_event: {
    doc: 'The next task that is to be woken, since it has a call to make; or with the lowest bit set, that is to break off its call. 0: no more.',
    params: [],
    result: 'u32',
  },

  // The end, and what is said about it
  stack_trace: {
    doc: 'Writes the calling engine stack as text, one function name a line, innermost first; its length.',
    params: [
      ['buf', 'ptr'],
      ['n', 'u32'],
    ],
    result: 'u32',
  },
  halt: {
    doc: 'Ends the machine. how: Halt; status: for Halt.Exit; message: NUL-terminated, for Halt.Panic, or 0.',
    params: [
      ['how', 'u32'],
      ['status', 'u32'],
      ['message', 'ptr'],
    ],
    result: 'void',
    noreturn: true,
  },
} as const satisfies Record<string, Crossing>;

export const kernelExports = {
  start: {
    doc: 'Boots; called once, as a promise. memory: bytes of kernel memory; the initrd and the command line lie in it.',
    params: [
      ['memory', 'u32'],
      ['initrd', 'ptr'],
      ['initrd_len', 'u32'],
      ['cmdline', 'ptr'],
      ['cmdline_len', 'u32'],
    ],
    result: 'void',
  },
  task_entry: {
    doc: "The bottom of a new task's stack; called as a promise.",
    params: [['task', 'task']],
    result: 'void',
  },
  user_entry: {
    doc: 'The bottom of a fresh stack for a task that goes on in user mode; called as a promise.',
    params: [['task', 'task']],
    result: 'void',
  },
  vfork_entry: {
    doc: "The bottom of a vfork parent's helper stack; called as a promise.",
    params: [['task', 'task']],
    result: 'void',
  },
  fault_entry: {
    doc: "The running stack has ended in a trap: the current task gets the signal, whose handler begins on a fresh stack, or the kernel panics when it was in kernel mode. code: siginfo's si_code, 0 when there is none. description: NUL-terminated, what the engine said. Called as a promise.",
    params: [
      ['signal', 'u32'],
      ['code', 'u32'],
      ['description', 'ptr'],
    ],
    result: 'void',
  },
  interrupt: {
    doc: 'Raises the interrupt lines in bits (Irq). Only between two turns, when no wasm code runs.',
    params: [['bits', 'u32']],
    result: 'void',
  },
  scratch: {
    doc: 'Address of 4096 bytes of kernel memory that the host may use to pass a text in.',
    params: [],
    result: 'ptr',
  },
  task_describe: {
    doc: 'Fills struct host_task. Only for a task that the host has seen in switch_to and not in task_release.',
    params: [
      ['task', 'task'],
      ['description', 'ptr'],
    ],
    result: 'void',
  },
  task_follow: {
    doc: 'Marks a task, and so all that it will create, as followed: the kernel calls signal_taken for them.',
    params: [['task', 'task']],
    result: 'void',
  },
  log_tail: {
    doc: "Copies the last lines of the kernel's log, at most n bytes; their length. For a report on a dead kernel.",
    params: [
      ['buf', 'ptr'],
      ['n', 'u32'],
    ],
    result: 'u32',
  },
  syscall32: {
    doc: "env.wasmlinux_syscall32 of programs, reached through the machine's trampoline: number, pointer to six u32 in the program's memory.",
    params: [
      ['nr', 'u32'],
      ['args', 'uptr'],
    ],
    result: 'i32',
  },
  preempt: {
    doc: 'env.wasmlinux_preempt of programs: a poll. The next budget in units of work (src/wasm/safepoints.ts), positive; or a word that the libc must look at, negative (docs/abi.md).',
    params: [],
    result: 'i32',
  },
  fork: { doc: 'env.wasmlinux_fork of programs.', params: [], result: 'i32' },
  vfork: { doc: 'env.wasmlinux_vfork of programs.', params: [], result: 'i32' },
} as const satisfies Record<string, Crossing>;

/** The JavaScript signature of a crossing: every wasm value is a number. */
type Signature<Params extends Crossing['params'], Result> = (
  ...args: { -readonly [I in keyof Params]: number }
) => Result;

/** What a host implements: one function an import. */
export type HostImports = {
  readonly [K in keyof typeof hostImports]: Signature<
    (typeof hostImports)[K]['params'],
    (typeof hostImports)[K] extends { suspends: true }
      ? Promise<void>
      : (typeof hostImports)[K] extends { noreturn: true }
        ? never
        : (typeof hostImports)[K]['result'] extends 'void'
          ? void
          : number
  >;
};

/** What a kernel offers, beside its function table (`__indirect_function_table`) and `__stack_pointer`. */
export type KernelExports = {
  readonly [K in keyof typeof kernelExports]: Signature<
    (typeof kernelExports)[K]['params'],
    (typeof kernelExports)[K]['result'] extends 'void' ? void : number
  >;
};
