// SPDX-License-Identifier: MIT
/**
 * Inputs for the fuzzer: random bytes, real modules that were changed, seeds of random system calls. Input i of a seed is always
 * the same.
 */
import { readModule, type Section, writeModule } from '../../src/wasm/module.ts';
import type { HostileInput } from './driver.ts';
import { withFuel } from './fuel.ts';
import { Random } from './random.ts';

/** Tries to find a change that leaves a module valid: what is refused at once tests less. */
const TRIES = 30;
const CALLS = 64;
const BEGINNINGS = ['', '\0asm\x01\0\0\0', '\x7fELF\x01\x01\x01', '#!/bin/sh\n', '#!', '#!/tmp/hostile/x\n', '\0asm'];

export function makeInput(seed: number, index: number, corpus: readonly Uint8Array[]): HostileInput {
  const random = new Random(Math.imul(seed, 1_000_003) + index);
  switch (random.below(8)) {
    case 0:
      return {
        module: Buffer.concat([Buffer.from(random.pick(BEGINNINGS), 'latin1'), random.bytes(random.below(400))]),
      };
    case 1:
    case 2:
      return { callSeed: random.next(), calls: CALLS };
    case 3:
      return { module: ending(mutated(random, random.pick(corpus), corpus)) };
    default:
      return { module: ending(validMutation(random, corpus)) };
  }
}

function validMutation(random: Random, corpus: readonly Uint8Array[]): Uint8Array {
  const original = random.pick(corpus);
  let last = original;
  for (let i = 0; i < TRIES; i++) {
    last = mutated(random, original, corpus);
    if (WebAssembly.validate(Uint8Array.from(last))) break;
  }
  return last;
}

/** With fuel if it is a module; one that can't be given any is cut off, so that it is none. */
function ending(bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes);
  if (!WebAssembly.validate(copy)) return copy;
  try {
    return writeModule(withFuel(readModule(copy)));
  } catch {
    return copy.subarray(0, copy.length - 1);
  }
}

function mutated(random: Random, original: Uint8Array, corpus: readonly Uint8Array[]): Uint8Array {
  let bytes: Uint8Array = Uint8Array.from(original);
  for (let changes = 1 + random.below(4); changes > 0; changes--) {
    bytes = random.below(3) === 0 ? changeBytes(random, bytes) : changeSections(random, bytes, corpus);
  }
  return bytes;
}

/** A bit, a byte, a length, an end. */
function changeBytes(random: Random, bytes: Uint8Array): Uint8Array {
  if (bytes.length === 0) return bytes;
  const copy = Uint8Array.from(bytes);
  const at = random.below(copy.length);
  switch (random.below(5)) {
    case 0:
      return copy.subarray(0, at);
    case 1:
      copy[at] = random.below(256);
      break;
    case 2:
      // A number becomes longer, or ends earlier.
      copy[at] = (copy[at] ?? 0) ^ 0x80;
      break;
    default:
      copy[at] = (copy[at] ?? 0) ^ (1 << random.below(8));
  }
  return copy;
}

/** Whole sections, or something inside one whose length stays right. */
function changeSections(random: Random, bytes: Uint8Array, corpus: readonly Uint8Array[]): Uint8Array {
  const sections = sectionsOf(bytes);
  if (sections.length === 0) return changeBytes(random, bytes);
  const at = random.below(sections.length);
  const section = sections[at] as Section;
  switch (random.below(8)) {
    case 0:
      sections.splice(at, 1);
      break;
    case 1:
      sections.splice(random.below(sections.length), 0, section);
      break;
    case 2: {
      const other = random.below(sections.length);
      [sections[at], sections[other]] = [sections[other] as Section, section];
      break;
    }
    case 3: {
      // The same section of another program.
      const same = sectionsOf(random.pick(corpus)).filter(({ id }) => id === section.id);
      if (same.length > 0) sections[at] = random.pick(same);
      break;
    }
    default:
      sections[at] = { ...section, payload: changePayload(random, section.payload) };
  }
  return writeModule(sections);
}

/** None if the bytes are no module. */
function sectionsOf(bytes: Uint8Array): Section[] {
  try {
    return readModule(bytes);
  } catch {
    return [];
  }
}

function changePayload(random: Random, payload: Uint8Array): Uint8Array {
  const at = random.below(payload.length + 1);
  if (random.below(4) > 0) return changeBytes(random, payload);
  const removed = random.below(4);
  return Buffer.concat([payload.subarray(0, at), random.bytes(random.below(4)), payload.subarray(at + removed)]);
}
