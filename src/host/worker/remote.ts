// SPDX-License-Identifier: MIT
/**
 * Requests across the two threads of a host: methods of an object on the machine's thread, called on the other. Errors cross as
 * what they are there: LinuxError, or an Error with its name and message.
 */
import { LinuxError } from '../../task/linux-error.ts';
import type { FromWorker, RemoteFailure, ToWorker } from './protocol.ts';

/** Names of methods that resolve with something. */
export type MethodOf<Service> = {
  [Name in keyof Service]: Service[Name] extends (...args: never[]) => Promise<unknown> ? Name : never;
}[keyof Service] &
  string;

/** A method's arguments without the AbortSignal at their end. */
type ArgumentsOf<Method> = Method extends (...args: infer Args) => unknown ? WithoutSignal<Args> : never;
type WithoutSignal<Args extends unknown[]> = Args extends [...infer Rest, signal?: AbortSignal]
  ? number extends Args['length']
    ? Args
    : Rest
  : Args;
type ResultOf<Method> = Method extends (...args: never[]) => Promise<infer Result> ? Result : never;

/** The calling end. */
export class RemoteCaller<Service> {
  readonly #send: (message: ToWorker) => void;
  readonly #pending = new Map<number, { resolve(value: unknown): void; reject(error: unknown): void }>();
  #nextId = 1;
  #ended: unknown;

  constructor(send: (message: ToWorker) => void) {
    this.#send = send;
  }

  /** Calls a method. An abort is passed on; what the method makes of it, it answers. */
  call<Name extends MethodOf<Service>>(
    method: Name,
    args: ArgumentsOf<Service[Name]>,
    signal?: AbortSignal,
  ): Promise<ResultOf<Service[Name]>> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    if (signal?.aborted) return Promise.reject(signal.reason);
    const id = this.#nextId++;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#pending.set(id, { resolve, reject });
    this.#send({ kind: 'request', id, method, args });
    const cancel = (): void => this.#send({ kind: 'cancel', id });
    signal?.addEventListener('abort', cancel);
    return promise.then(
      (value) => {
        signal?.removeEventListener('abort', cancel);
        return value as ResultOf<Service[Name]>;
      },
      (error: unknown) => {
        signal?.removeEventListener('abort', cancel);
        throw signal?.aborted ? signal.reason : error;
      },
    );
  }

  receive(message: Extract<FromWorker, { kind: 'reply' | 'failure' }>): void {
    const pending = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if (message.kind === 'reply') pending?.resolve(message.value);
    else pending?.reject(revived(message.error));
  }

  /** No answer comes any more: all requests reject with this, also those to come. */
  end(error: unknown): void {
    this.#ended = error;
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }
}

type Methods = Readonly<Record<string, (...args: unknown[]) => Promise<unknown>>>;

/** The answering end. */
export class RemoteServer {
  readonly #services: Promise<readonly object[]>;
  readonly #send: (message: FromWorker, transfer?: ArrayBuffer[]) => void;
  readonly #controllers = new Map<number, AbortController>();

  /** services: no two have a method of the same name. Requests wait for them. */
  constructor(services: Promise<readonly object[]>, send: (message: FromWorker, transfer?: ArrayBuffer[]) => void) {
    this.#services = services;
    this.#send = send;
  }

  async receive(message: Extract<ToWorker, { kind: 'request' | 'cancel' }>): Promise<void> {
    const { id } = message;
    if (message.kind === 'cancel') {
      this.#controllers.get(id)?.abort();
      return;
    }
    const controller = new AbortController();
    this.#controllers.set(id, controller);
    try {
      const service = (await this.#services).find((one) => message.method in one) as Methods | undefined;
      const value = await service?.[message.method]?.(...message.args, controller.signal);
      this.#send({ kind: 'reply', id, value }, buffersOf(value));
    } catch (error) {
      this.#send({ kind: 'failure', id, error: failureOf(error) });
    } finally {
      this.#controllers.delete(id);
    }
  }
}

/** The buffers that a value is all of: these are moved. */
function buffersOf(value: unknown): ArrayBuffer[] {
  const parts = value instanceof Uint8Array ? [value] : typeof value === 'object' && value ? Object.values(value) : [];
  const buffers = parts.flatMap((part) =>
    part instanceof Uint8Array &&
    part.buffer instanceof ArrayBuffer &&
    part.length === part.buffer.byteLength &&
    part.length > 0
      ? [part.buffer]
      : [],
  );
  return [...new Set(buffers)];
}

function failureOf(error: unknown): RemoteFailure {
  if (error instanceof LinuxError) {
    return {
      kind: 'linux',
      errno: error.errno,
      syscall: error.syscall,
      ...(error.path !== undefined && { path: error.path }),
      ...(error.dest !== undefined && { dest: error.dest }),
    };
  }
  return error instanceof Error
    ? { kind: 'other', name: error.name, message: error.message }
    : { kind: 'other', name: 'Error', message: String(error) };
}

const standardErrors: Readonly<Record<string, ErrorConstructor>> = { TypeError, RangeError };

function revived(failure: RemoteFailure): Error {
  if (failure.kind === 'linux') return new LinuxError(failure.errno, failure.syscall, failure.path, failure.dest);
  const error = new (standardErrors[failure.name] ?? Error)(failure.message);
  error.name = failure.name;
  return error;
}
