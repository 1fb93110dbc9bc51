// SPDX-License-Identifier: MIT
/**
 * The Worker that the machine runs in: boots it, and is the outer end of its console and streams. Speaks protocol.ts with
 * the main thread (machine-client.ts), which starts it.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { Errno, type WindowSize } from '../../machine/devices.ts';
import { Irq } from '../../machine/kernel-interface.ts';
import { type Machine, startMachine } from '../../machine/machine.ts';
import { GuestInput, GuestOutput, OutputBatch } from './guest-channels.ts';
import { PendingOutput } from './pending-output.ts';
import {
  type BootRequest,
  Channel,
  type FromWorker,
  type InputChannel,
  type SharedState,
  type ToWorker,
} from './protocol.ts';
import { TraceOutput, UnwrittenTrace } from './trace-output.ts';

if (!parentPort) throw new Error('machine-worker.ts runs as a Worker only');
const port = parentPort;
// A dead kernel's report names all functions from the trap to the task's entry.
Error.stackTraceLimit = 100;
const post = (message: FromWorker) => port.postMessage(message);

/** machine-client.ts gives what it will look into. */
const shared = workerData as SharedState;
const pending = new PendingOutput(shared.pending);
const batch = new OutputBatch((pieces) => post({ kind: 'output', pieces }), pending);
const input = (channel: InputChannel) => new GuestInput((bytes) => post({ kind: 'grant', channel, bytes }));
const inputs = { [Channel.Stdin]: input(Channel.Stdin), [Channel.Console]: input(Channel.Console) };
const outputs = {
  [Channel.Stdout]: new GuestOutput(batch, Channel.Stdout),
  [Channel.Stderr]: new GuestOutput(batch, Channel.Stderr),
  [Channel.Console]: new GuestOutput(batch, Channel.Console),
};
let machine: Machine | undefined;
let windowSize: WindowSize | undefined;

/** What nobody reads any more is dropped: the kernel would wait for room for ever. */
function writeToConsole(bytes: Uint8Array): number {
  const taken = outputs[Channel.Console].write(bytes);
  if (taken === -Errno.EAGAIN) return 0;
  return taken < 0 ? bytes.length : taken;
}

/** Loads what decodes system calls only when it is wanted. */
async function makeTracer({ trace }: BootRequest) {
  if (!trace) return {};
  const { tracing } = await import('../../trace/tracer.ts');
  const output = new TraceOutput(batch, new UnwrittenTrace(shared.unwrittenTrace));
  return { tracer: tracing(trace, (text) => output.write(text)) };
}

async function boot(request: BootRequest): Promise<void> {
  windowSize = request.windowSize;
  const tracer = request.trace ? await makeTracer(request) : {};
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
    log: (line) => post({ kind: 'log', line }),
    ...tracer,
  });
  const end = await machine.ended;
  batch.flush();
  post({ kind: 'end', end });
}

port.on('message', (message: ToWorker) => {
  switch (message.kind) {
    case 'boot':
      boot(message);
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
    case 'power-button':
      machine?.interrupt(Irq.PowerButton);
      return;
  }
  if ('channel' in message) machine?.interrupt(message.channel === Channel.Console ? Irq.Console : Irq.Stream);
});
