// SPDX-License-Identifier: MIT
/**
 * The page: loads kernel and root file system, boots them in a Worker to a shell on a terminal, says how the machine has ended,
 * and boots again. The bundle's entry (src/build/page.ts).
 */
import { download } from '../src/host/browser/download.ts';
import { missingFeatures } from '../src/host/worker/requirements.ts';
import { startMachine } from '../src/host/browser/start-machine.ts';
import type { MachineClient } from '../src/host/worker/machine-client.ts';
import { Keyboard } from '../src/host/worker/keyboard.ts';
import { Channel } from '../src/host/worker/protocol.ts';
import { runRequestArchive } from '../src/image/run-request.ts';
import type { MachineEnd } from '../src/machine/machine-end.ts';
import { openTerminal } from './terminal.ts';
import { addTouchKeys } from './touch-keys.ts';

/** Bytes that kernel and programs have together. */
const MEMORY = 128 * 1024 * 1024;

/** RIS: all modes, colours and lines as in the beginning. */
const RESET_TERMINAL = '\x1bc';
/** The status of a machine that the escape has ended, as the command's is. */
const STATUS_ESCAPE = 130;

/** What the machine is booted from; the same for every boot. */
interface Files {
  readonly kernel: WebAssembly.Module;
  readonly initramfs: Uint8Array;
}

function element<T extends HTMLElement = HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no element ${id}`);
  return found as T;
}

const status = element('status');
const loading = element('loading');
const end = element('end');
const reset = element<HTMLButtonElement>('reset');
const again = element<HTMLButtonElement>('again');
let files: Promise<Files> | undefined;
/** The machine that runs or is about to. */
let current: { readonly client: MachineClient; readonly keyboard: Keyboard } | undefined;

const terminal = openTerminal(element('terminal'), {
  onResize: (size) => current?.client.resize(size),
  onInput: (bytes) => current?.keyboard.type(bytes),
});
const { xterm } = terminal;
addTouchKeys(element('keys'), xterm);
// For whoever looks into the page from the browser's console, and for the tests.
Object.assign(globalThis, { wasmlinux: { terminal: xterm } });

async function loadFiles(): Promise<Files> {
  const { kernel, initramfs } = ASSETS;
  const total = kernel.size + initramfs.size;
  const bar = element<HTMLProgressElement>('bar');
  const bytes = element('bytes');
  let loaded = 0;
  const onBytes = (count: number) => {
    loaded += count;
    bar.value = loaded / total;
    bytes.textContent = `${megabytes(loaded)} of ${megabytes(total)} MB`;
  };
  onBytes(0);
  const [module, archive] = await Promise.all([
    WebAssembly.compileStreaming(download(kernel, onBytes)),
    download(initramfs, onBytes).then((response) => response.arrayBuffer()),
  ]);
  return { kernel: module, initramfs: new Uint8Array(archive) };
}

const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);

/** Boots a machine in place of the one that there may be. Its Worker gets ready while the files load. */
async function boot(): Promise<void> {
  endCurrent();
  end.hidden = true;
  loading.hidden = files !== undefined;
  status.textContent = 'Loading';
  // In the order of what was written before, unlike xterm.reset().
  xterm.write(RESET_TERMINAL);
  const keyboard = new Keyboard(() => stop({ how: 'Terminated', status: STATUS_ESCAPE }));
  const client = startMachine(new URL(ASSETS.worker, document.baseURI), {
    inputs: { [Channel.Console]: keyboard },
    outputs: { [Channel.Console]: terminal.output },
    log: (line) => console.info(line),
  });
  current = { client, keyboard };
  client.ended.then((how) => {
    if (current?.client === client) stop(how);
  });
  reset.disabled = false;
  try {
    files ??= loadFiles();
    const { kernel, initramfs } = await files;
    performance.mark('files-loaded');
    if (current.client !== client) return;
    loading.hidden = true;
    status.textContent = 'Running';
    xterm.focus();
    const session = runRequestArchive({
      terminals: [0, 1, 2],
      env: { TERM: 'xterm-256color', COLORTERM: 'truecolor' },
    });
    client.boot({
      kernel,
      initramfs: [initramfs, session],
      commandLine: 'console=hvc0 loglevel=0',
      memory: MEMORY,
      windowSize: terminal.size,
    });
  } catch (error) {
    files = undefined;
    endCurrent();
    const reason = error instanceof Error ? error.message : String(error);
    showEnd({ title: 'WasmLinux can not be loaded', text: `${reason}.`, button: 'Try again' });
  }
}

function endCurrent(): void {
  current?.client.terminate();
  current = undefined;
  reset.disabled = true;
}

/** The machine has ended, or is to be ended now. */
function stop(machineEnd: MachineEnd): void {
  endCurrent();
  if (machineEnd.how === 'Restart') boot();
  else showEnd({ ...describeEnd(machineEnd), button: 'Boot again' });
}

function describeEnd({ how, status, report }: MachineEnd): { title: string; text: string; report?: string } {
  switch (how) {
    case 'PowerOff':
      return { title: 'The machine is off', text: 'It was powered off from inside.' };
    case 'Exit':
      return { title: 'The shell has ended', text: `Its status was ${status}; the machine has ended with it.` };
    case 'Panic':
      return { title: 'The kernel has died', text: 'What it said, and the functions it was in:', report: report ?? '' };
    case 'Terminated':
      return report === undefined
        ? { title: 'The machine was ended', text: 'Three Ctrl-] have ended it at once.' }
        : { title: 'The machine has failed', text: 'What its host said:', report };
    default:
      return { title: 'The machine has halted', text: 'It was halted from inside.' };
  }
}

function showEnd(words: { title: string; text: string; report?: string; button?: string }): void {
  status.textContent = words.title;
  loading.hidden = true;
  element('end-title').textContent = words.title;
  element('end-text').textContent = words.text;
  const report = element<HTMLTextAreaElement>('end-report');
  report.value = words.report ?? '';
  report.hidden = words.report === undefined;
  again.textContent = words.button ?? '';
  again.hidden = words.button === undefined;
  end.hidden = false;
  // Not the button: whoever is still typing would press it unread.
  end.focus();
}

reset.addEventListener('click', boot);
again.addEventListener('click', boot);
const missing = missingFeatures();
if (missing.length === 0) boot();
else {
  showEnd({
    title: 'This browser can not run WasmLinux',
    text: `It lacks ${missing.join(' and ')}. Chrome, Edge and all other browsers on Chromium 137 or newer have what is needed.`,
  });
}
