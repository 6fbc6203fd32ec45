import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export type CuttingProxy = {
  /** As the server's, with another port. */
  url: string;
  /** Breaks every connection that is open. Returns how many that were. */
  cut(): number;
  /** From now on nothing passes, in either direction, and nobody is told. */
  freeze(): void;
  /** New connections are refused until `accept`. */
  refuse(): void;
  accept(): void;
  /** New connections lead to this server. */
  redirect(target: string): void;
  /** How many connections there have been. */
  connections(): number;
  close(): Promise<void>;
};

export type CuttingProxyOptions = {
  /** Breaks a connection once so many bytes have come back through it. Asked anew for each connection. */
  cutAfterBytes?: (connection: number) => number;
};

/** A TCP proxy before a server on this machine that breaks connections when it is told, or by itself. */
export async function startCuttingProxy(target: string, options: CuttingProxyOptions = {}): Promise<CuttingProxy> {
  let port = portOf(target);
  const pairs = new Set<{ client: Socket; upstream: Socket }>();
  let count = 0;
  let refusing = false;

  const server = createServer((client) => {
    if (refusing) {
      client.destroy();
      return;
    }
    count += 1;
    const limit = options.cutAfterBytes?.(count) ?? Number.POSITIVE_INFINITY;
    let passed = 0;
    const upstream = connect(port, '127.0.0.1');
    const pair = { client, upstream };
    pairs.add(pair);
    const end = () => {
      pairs.delete(pair);
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      socket.setNoDelay(true);
      socket.on('error', end);
      socket.on('close', end);
    }
    client.on('data', (chunk) => upstream.write(chunk));
    upstream.on('data', (chunk) => {
      client.write(chunk.subarray(0, limit - passed));
      passed += chunk.length;
      // Ended, not destroyed: what has been written still arrives, so that every byte position is a place to break at.
      if (passed >= limit) client.end(end);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  function cut(): number {
    const open = [...pairs];
    for (const { client, upstream } of open) {
      client.resetAndDestroy();
      upstream.destroy();
    }
    return open.length;
  }

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
    freeze() {
      for (const { client, upstream } of pairs) {
        client.pause();
        upstream.pause();
      }
    },
    refuse() {
      refusing = true;
    },
    accept() {
      refusing = false;
    },
    redirect(other) {
      port = portOf(other);
    },
    connections: () => count,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      cut();
      await closed;
    },
  };
}

const portOf = (url: string): number => Number(new URL(url).port);
