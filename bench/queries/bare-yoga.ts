// A reference: what HTTP, Yoga and an execution cost when there is nothing to do.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSchema, createYoga } from 'graphql-yoga';

const schema = createSchema({ typeDefs: 'type Query { unused: Boolean }' });
const server = createServer(createYoga({ schema, logging: false, graphiql: false, landingPage: false }));
server.listen(0, '127.0.0.1', () => console.log(`listening on ${(server.address() as AddressInfo).port} .`));
