// SPDX-License-Identifier: MIT
/**
 * What runs in a machine's Worker, in Node and in a page alike: boots the machine, and is the outer end of its console and
 * streams. Speaks protocol.ts with the thread that started the Worker (machine-client.ts). Called by the hosts' worker entries.
 */
import { Errno, type StreamDevice, type WindowSize } from '../../machine/devices.ts';
import { Irq } from '../../machine/kernel-interface.ts';
import type { Turn } from '../../machine/clock.ts';
import { type Machine, startMachine } from '../../machine/machine.ts';
import { hostFailure, STATUS_DEAD, STATUS_TERMINATED } from '../../machine/machine-end.ts';
import { machineServices } from '../../task/service.ts';
import { TaskPool } from '../../task/task-pool.ts';
import { GuestInput, GuestOutput, OutputBatch } from './guest-channels.ts';
import type { MakeTracer } from '../../machine/tracer.ts';
import type { PendingOutput } from './pending-output.ts';
import type { TraceOptions } from '../../trace/options.ts';
import { type BootRequest, Channel, type FromWorker, type InputChannel, type ToWorker } from './protocol.ts';
import { RemoteServer } from './remote.ts';
import { TraceOutput, type UnwrittenTrace } from './trace-output.ts';

/** What each kind of Worker has of its own. */
export interface WorkerHost {
  /** Sends to the other thread, and moves these buffers there. */
  readonly post: (message: FromWorker, transfer?: ArrayBuffer[]) => void;
  readonly turn: Turn;
  /** Where output waits to be posted, if the other thread shares it. */
  readonly pending?: PendingOutput;
  /** What holds a trace back when the other thread is behind, if the two can share it. */
  readonly unwrittenTrace?: UnwrittenTrace;
  /** Loads what decodes system calls: it is large, so only a trace has it, where the host can trace. */
  readonly loadTracer?: () => Promise<{
    readonly tracing: (options: TraceOptions, write: (text: string) => void) => MakeTracer;
  }>;
}

/** Serves one machine. Returns what takes the messages of the other thread. */
export function serveMachine({
  post,
  turn,
  pending,
  unwrittenTrace,
  loadTracer,
}: WorkerHost): (message: ToWorker) => void {
  // A dead kernel's report names all functions from the trap to the task's entry.
  Error.stackTraceLimit = 100;
  const batch = new OutputBatch((pieces) => post({ kind: 'output', pieces }), pending);
  const input = (channel: InputChannel) => new GuestInput((bytes) => post({ kind: 'grant', channel, bytes }));
  const inputs = { [Channel.Stdin]: input(Channel.Stdin), [Channel.Console]: input(Channel.Console) };
  // So few that they need no credit.
  const signals = new GuestInput(() => {});
  /** Tells of each signal that the guest has read: only then its command gets it. */
  const toldSignals: StreamDevice = {
    poll: () => signals.poll(),
    read(target) {
      const count = signals.read(target);
      for (let told = 0; told < count; told++) post({ kind: 'signal-taken' });
      return count;
    },
  };
  const outputs = {
    [Channel.Stdout]: new GuestOutput(batch, Channel.Stdout),
    [Channel.Stderr]: new GuestOutput(batch, Channel.Stderr),
    [Channel.Console]: new GuestOutput(batch, Channel.Console),
  };
  let machine: Machine | undefined;
  /** Resolves when the machine takes requests. */
  const service = Promise.withResolvers<readonly object[]>();
  // Without requests nobody waits for it.
  service.promise.catch(() => {});
  const requests = new RemoteServer(service.promise, post);
  let windowSize: WindowSize | undefined;

  /** What nobody reads any more is dropped: the kernel would wait for room for ever. */
  function writeToConsole(bytes: Uint8Array): number {
    const taken = outputs[Channel.Console].write(bytes);
    if (taken === -Errno.EAGAIN) return 0;
    return taken < 0 ? bytes.length : taken;
  }

  async function makeTracer(trace: TraceOptions): Promise<MakeTracer> {
    if (!loadTracer) throw new Error('this host can not trace');
    const { tracing } = await loadTracer();
    const output = new TraceOutput(batch, unwrittenTrace);
    return tracing(trace, (text) => output.write(text));
  }

  async function boot(request: BootRequest): Promise<void> {
    windowSize = request.windowSize;
    const tracer = request.trace && (await makeTracer(request.trace));
    machine = startMachine({
      kernel: request.kernel,
      initramfs: request.initramfs,
      commandLine: request.commandLine,
      memory: request.memory,
      console: {
        write: writeToConsole,
        // At its end, too, a terminal just has no more input.
        read: (target) => Math.max(0, inputs[Channel.Console].read(target)),
        size: () => windowSize,
      },
      streams: [inputs[Channel.Stdin], outputs[Channel.Stdout], outputs[Channel.Stderr]],
      signals: toldSignals,
      turn,
      log: (line) => post({ kind: 'log', line }),
      ...(tracer && { tracer }),
    });
    if (request.serves) TaskPool.start(machine).then((pool) => service.resolve(machineServices(pool)), service.reject);
    // The kernel has a copy, and an idle thread would keep these, since it collects no garbage.
    for (const { buffer } of request.initramfs) if (buffer instanceof ArrayBuffer) buffer.transfer(0);
    const end = await machine.ended;
    batch.flush();
    post({ kind: 'end', end });
  }

  /** A page's Worker tells nobody of a rejected promise. */
  function fail(error: unknown): void {
    post({ kind: 'end', end: { how: 'Terminated', status: STATUS_DEAD, report: hostFailure(error) } });
  }

  return (message) => {
    switch (message.kind) {
      case 'boot':
        boot(message).catch(fail);
        break;
      case 'input':
        inputs[message.channel].accept(message.data);
        break;
      case 'input-end':
        inputs[message.channel].end(message.errno);
        break;
      case 'grant':
        outputs[message.channel].grant(message.bytes);
        break;
      case 'output-end':
        outputs[message.channel].end(message.errno);
        break;
      case 'resize':
        windowSize = message.size;
        machine?.interrupt(Irq.Resize);
        return;
      case 'signal':
        signals.accept(Uint8Array.of(message.number));
        machine?.interrupt(Irq.Stream);
        return;
      case 'power-button':
        machine?.interrupt(Irq.PowerButton);
        return;
      case 'terminate':
        machine?.terminate(STATUS_TERMINATED);
        return;
      case 'request':
      case 'cancel':
        void requests.receive(message);
        return;
    }
    if ('channel' in message) machine?.interrupt(message.channel === Channel.Console ? Irq.Console : Irq.Stream);
  };
}
