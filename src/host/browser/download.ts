// SPDX-License-Identifier: MIT
/** Downloads with progress: what a machine is booted from. Caller: web/. */

/** A file that a page's build made. */
export interface Asset {
  readonly url: string;
  /** Bytes, when nothing compresses it: a compressed response does not tell. */
  readonly size: number;
}

/** Called with the bytes that have come since the last call. */
export type OnBytes = (count: number) => void;

/** The response, its body counted on the way. Throws an Error that names the file. */
export async function download({ url }: Asset, onBytes: OnBytes): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url);
  } catch {
    throw new Error(`${url}: no answer from the server`);
  }
  if (!response.ok || !response.body) throw new Error(`${url}: the server says ${response.status}`);
  const counter = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(chunk, controller) {
      onBytes(chunk.length);
      controller.enqueue(chunk);
    },
  });
  return new Response(response.body.pipeThrough(counter), { headers: response.headers });
}
