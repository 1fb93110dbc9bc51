// SPDX-License-Identifier: MIT
/** Buttons for the keys that a touch keyboard lacks; page.css shows them where the pointer is a finger. Made by page.ts. */
import type { Terminal } from '@xterm/xterm';

const KEYS = [
  { label: 'Esc', name: 'Escape', text: '\x1b' },
  { label: 'Tab', name: 'Tab', text: '\t' },
  { label: '^C', name: 'Control C', text: '\x03' },
  { label: '^D', name: 'Control D', text: '\x04' },
  { label: '←', name: 'Left', text: '\x1b[D' },
  { label: '↓', name: 'Down', text: '\x1b[B' },
  { label: '↑', name: 'Up', text: '\x1b[A' },
  { label: '→', name: 'Right', text: '\x1b[C' },
] as const;

export function addTouchKeys(toolbar: HTMLElement, xterm: Terminal): void {
  for (const { label, name, text } of KEYS) {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = label;
    button.setAttribute('aria-label', name);
    // The keyboard on the screen stays: the focus does.
    button.addEventListener('pointerdown', (event) => event.preventDefault());
    button.addEventListener('click', () => xterm.input(text));
    toolbar.append(button);
  }
}
