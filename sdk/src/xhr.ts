import type { Reply } from './http.ts';
import type { UploadOptions } from './upload-options.ts';

/** As much of the browser's XMLHttpRequest as is used: Node has none, and its types none either. */
type Xhr = {
  status: number;
  responseText: string;
  upload: { onprogress: ((event: { loaded: number; total: number }) => void) | null };
  onload: (() => void) | null;
  onerror: (() => void) | null;
  onabort: (() => void) | null;
  open(method: string, url: string): void;
  setRequestHeader(name: string, value: string): void;
  getResponseHeader(name: string): string | null;
  send(body: Blob): void;
  abort(): void;
};
export type XhrConstructor = new () => Xhr;

export function xhrOf(): XhrConstructor | undefined {
  return (globalThis as { XMLHttpRequest?: XhrConstructor }).XMLHttpRequest;
}

/** The one request of a browser that tells how much of it has been sent. Rejects when there is no answer. */
export function postWithXhr(
  Constructor: XhrConstructor,
  url: string,
  headers: Record<string, string>,
  body: Blob,
  { signal, onProgress }: Pick<UploadOptions, 'signal' | 'onProgress'>,
): Promise<{ reply: Reply; text: string }> {
  return new Promise<{ reply: Reply; text: string }>((resolve, reject) => {
    const request = new Constructor();
    const abort = () => request.abort();
    const leave = () => signal?.removeEventListener('abort', abort);
    request.open('POST', url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded, total }) => onProgress?.({ sent: loaded, total: total || body.size });
    request.onload = () => {
      leave();
      const reply = { status: request.status, headers: { get: (name: string) => request.getResponseHeader(name) } };
      resolve({ reply, text: request.responseText });
    };
    request.onerror = () => {
      leave();
      reject(new TypeError('The connection was lost.'));
    };
    request.onabort = () => {
      leave();
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', abort, { once: true });
    request.send(body);
  });
}
