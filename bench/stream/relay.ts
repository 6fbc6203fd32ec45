// The reference: the least that a program can do that passes a provider's tokens on to sockets. It reads the stream by
// lines, takes the text out of the JSON, and sends a frame for each token. No accounts, no database, no positions.
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { StringDecoder } from 'node:string_decoder';
import { type WebSocket, WebSocketServer } from 'ws';

type Subscribe = { id: string; type: string; payload?: { variables?: { input?: { model?: string; text?: string } } } };
type Chunk = { choices?: { delta?: { content?: string | null } }[] };

const upstream = new URL(`${process.argv[2]}/chat/completions`);
const agent = new Agent({ keepAlive: true });
const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });

server.on('connection', (socket) => {
  socket.on('message', (data) => {
    const message = JSON.parse(String(data)) as Subscribe;
    if (message.type === 'connection_init') socket.send('{"type":"connection_ack"}');
    if (message.type === 'subscribe') relay(socket, message);
  });
});
server.on('listening', () => console.log(`listening on ${(server.address() as AddressInfo).port} .`));

function relay(socket: WebSocket, { id, payload }: Subscribe): void {
  const { model = '', text = '' } = payload?.variables?.input ?? {};
  const body = JSON.stringify({
    model: model.replace(/^openai\//, ''),
    messages: [{ role: 'user', content: text }],
    stream: true,
  });
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  const request = httpRequest(upstream, { method: 'POST', agent, headers });
  request.on('response', (response) => forward(response, socket, id));
  request.end(body);
}

function forward(response: IncomingMessage, socket: WebSocket, id: string): void {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  let offset = 0;
  response.on('data', (chunk: Buffer) => {
    const lines = (rest + decoder.write(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (!line.startsWith('data: ') || line === 'data: [DONE]') continue;
      const text = (JSON.parse(line.slice(6)) as Chunk).choices?.[0]?.delta?.content;
      if (!text) continue;
      const chat = { __typename: 'TurnDelta', turnId: id, cursor: offset + text.length, text, offset };
      offset += text.length;
      socket.send(JSON.stringify({ id, type: 'next', payload: { data: { chat } } }));
    }
  });
  response.on('end', () => socket.send(JSON.stringify({ id, type: 'complete' })));
}
