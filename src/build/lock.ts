// SPDX-License-Identifier: MIT
/**
 * One build of one checkout at a time. The lock is a listening socket in Linux's abstract namespace: the kernel releases it
 * when the process ends, however it ends, so there are no stale locks; and a waiting build learns of the release at once,
 * because its connection to the holder closes.
 */
import { connect, createServer } from 'node:net';

export interface Lock {
  release(): Promise<void>;
}

/** Takes the lock of this name (at most 100 bytes). `onWait` is called once if another process holds it. */
export async function takeLock(name: string, onWait: () => void): Promise<Lock> {
  let told = false;
  for (;;) {
    const lock = await tryLock(name);
    if (lock) return lock;
    if (!told) onWait();
    told = true;
    await released(name);
  }
}

function tryLock(name: string): Promise<Lock | undefined> {
  return new Promise((resolve, reject) => {
    const waiting = new Set<{ destroy(): void }>();
    const server = createServer((socket) => {
      waiting.add(socket.on('error', () => {}).on('close', () => waiting.delete(socket)));
      // A waiting build must not keep this process alive.
      socket.unref();
    });
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen(`\0wasmlinux ${name}`, () => {
      server.unref();
      resolve({
        release: () =>
          new Promise((closed) => {
            server.close(() => closed());
            for (const socket of waiting) socket.destroy();
          }),
      });
    });
  });
}

/** Waits until the holder has closed its end. */
function released(name: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(`\0wasmlinux ${name}`);
    socket.on('error', () => {});
    socket.on('close', () => resolve());
    socket.resume();
  });
}
