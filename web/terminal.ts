// SPDX-License-Identifier: MIT
/**
 * The terminal of the page: xterm.js as the machine's console. Bytes both ways, a window that follows the page, light and dark
 * colours, copy and paste, and the keys that a touch keyboard lacks. Made by page.ts.
 */
import { FitAddon } from '@xterm/addon-fit';
import { type ITheme, Terminal } from '@xterm/xterm';
import type { OutputSink } from '../src/host/worker/streams.ts';
import type { WindowSize } from '../src/machine/devices.ts';

const DARK: ITheme = {
  background: '#0d1117',
  foreground: '#d0d7de',
  cursor: '#d0d7de',
  selectionBackground: '#264f78',
};
const LIGHT: ITheme = {
  background: '#ffffff',
  foreground: '#1f2328',
  cursor: '#1f2328',
  selectionBackground: '#add6ff',
  black: '#24292f',
  red: '#b3001e',
  green: '#116329',
  yellow: '#6b4e00',
  blue: '#0550ae',
  magenta: '#8250df',
  cyan: '#1b6c7f',
  white: '#57606a',
  brightBlack: '#57606a',
  brightRed: '#a40e26',
  brightGreen: '#1a7f37',
  brightYellow: '#633c01',
  brightBlue: '#0969da',
  brightMagenta: '#6639ba',
  brightCyan: '#2a7184',
  brightWhite: '#24292f',
};

/** In pixels; below this width of the page the letters are smaller, so that 80 columns come nearer. */
const NARROW = 640;

export interface PageTerminal {
  readonly xterm: Terminal;
  readonly output: OutputSink;
  readonly size: WindowSize;
}

export interface TerminalListeners {
  readonly onResize: (size: WindowSize) => void;
  /** What was typed or pasted, and the terminal's own answers. */
  readonly onInput: (bytes: Uint8Array) => void;
}

export function openTerminal(parent: HTMLElement, { onResize, onInput }: TerminalListeners): PageTerminal {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const theme = () => (dark.matches ? DARK : LIGHT);
  const xterm = new Terminal({
    theme: theme(),
    fontFamily: 'ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace',
    fontSize: fontSize(),
    minimumContrastRatio: 4.5,
    cursorBlink: false,
    scrollback: 5000,
  });
  const fit = new FitAddon();
  xterm.loadAddon(fit);
  xterm.open(parent);
  xterm.textarea?.setAttribute('aria-label', 'Terminal');
  fit.fit();
  dark.addEventListener('change', () => {
    xterm.options.theme = theme();
  });
  new ResizeObserver(() => {
    xterm.options.fontSize = fontSize();
    fit.fit();
  }).observe(parent);
  xterm.onResize(({ cols, rows }) => onResize({ columns: cols, rows }));
  xterm.attachCustomKeyEventHandler((event) => !copies(event, xterm));

  const encoder = new TextEncoder();
  xterm.onData((text) => onInput(encoder.encode(text)));
  // Mouse reports of the oldest kind, one byte a character.
  xterm.onBinary((text) => onInput(Uint8Array.from(text, (character) => character.charCodeAt(0))));
  return {
    xterm,
    output: { write: (bytes) => new Promise((resolve) => xterm.write(bytes, resolve)), lane: 'terminal' },
    get size() {
      return { columns: xterm.cols, rows: xterm.rows };
    },
  };
}

const fontSize = () => (innerWidth < NARROW ? 11 : 14);

/**
 * Ctrl-Shift-C copies, as in other terminals, since Ctrl-C is the guest's; a browser would open its tools instead. Pasting is the
 * browser's own, Ctrl-Shift-V among its keys.
 */
function copies(event: KeyboardEvent, xterm: Terminal): boolean {
  if (event.type !== 'keydown' || !event.ctrlKey || !event.shiftKey || event.code !== 'KeyC') return false;
  event.preventDefault();
  if (xterm.hasSelection()) navigator.clipboard.writeText(xterm.getSelection());
  return true;
}
