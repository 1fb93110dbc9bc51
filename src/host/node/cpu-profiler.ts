// SPDX-License-Identifier: MIT
/**
 * Samples the thread that a machine runs on and writes the result as a .cpuprofile file. All of it is done from the main
 * thread, which reaches the engine also while a program computes without end. Called by src/cli when asked for; nothing
 * else loads this file.
 */
import { closeSync, openSync, writeFileSync } from 'node:fs';
import type { CPUProfileHandle } from 'node:v8';
import type { Worker } from 'node:worker_threads';
import { type CpuProfile, readableProfile } from '../../debug/cpu-profile.ts';

/** Microseconds between two samples. */
const INTERVAL = 500;
/** Some half an hour; the engine keeps each sample in memory. */
const MOST_SAMPLES = 4_000_000;
/** Milliseconds after which a thread that does not answer is given up. */
const PATIENCE = 5000;

/** What startCpuProfile() takes; @types/node has older names. */
const options = { samplingIntervalMicros: INTERVAL, maxSamples: MOST_SAMPLES, sampleInterval: undefined };

export class CpuProfiler {
  readonly #file: number;
  readonly #top: string;
  #profile: Promise<CPUProfileHandle> | undefined;
  #finished: Promise<void> | undefined;

  /** The file is made now. Our own files are shown relative to `top`, a URL that ends with "/". Throws what openSync does. */
  constructor(path: string, top: string) {
    this.#file = openSync(path, 'w');
    this.#top = top;
  }

  /** Begins with the thread's first step; resolves when it has begun. Never rejects: what is wrong finish() says. */
  async start(worker: Worker): Promise<void> {
    const begin = async () => {
      await new Promise((resolve) => worker.once('online', resolve).once('exit', resolve));
      return worker.startCpuProfile(options);
    };
    this.#profile = begin();
    await Promise.allSettled([this.#profile]);
  }

  /** Ends the sampling and writes the file, once; the thread must still be there. Rejects when there is no profile. */
  finish(): Promise<void> {
    this.#finished ??= this.#write();
    return this.#finished;
  }

  async #write(): Promise<void> {
    try {
      const text = await Promise.race([this.#stop(), tooLong()]);
      const profile: CpuProfile = JSON.parse(text);
      writeFileSync(this.#file, JSON.stringify(readableProfile(profile, this.#top)));
    } finally {
      closeSync(this.#file);
    }
  }

  async #stop(): Promise<string> {
    const handle = await this.#profile;
    if (!handle) throw new Error('nothing was profiled');
    return handle.stop();
  }
}

function tooLong(): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error("the machine's thread does not answer")), PATIENCE).unref();
  });
}
