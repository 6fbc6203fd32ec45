import { createStore } from '../util/store.ts';

/** `lost` while the page has no connection to the server, or the browser none to the network. */
export type ConnectionState = { lost: boolean };

/** A socket that is replaced within this time was not missed by anybody. */
const GRACE_MS = 1_500;

/** Watches the SDK's sockets, which come back by themselves and tell nobody. */
export function createConnectionState() {
  const store = createStore<ConnectionState>({ lost: false });
  let timer: ReturnType<typeof setTimeout> | undefined;

  const opened = () => {
    clearTimeout(timer);
    timer = undefined;
    store.set({ lost: false });
  };
  const closed = () => {
    timer ??= setTimeout(() => store.set({ lost: true }), GRACE_MS);
  };

  class WatchedSocket extends WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      this.addEventListener('open', opened);
      this.addEventListener('close', closed);
    }
  }

  return {
    store,
    webSocket: WatchedSocket,
    /** Nobody is signed in, so that no connection is missing. */
    rest: opened,
  };
}
