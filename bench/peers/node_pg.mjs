// node_pg.mjs NODES: a client per node and Promise.allSettled; prints "N ok".
// NODE_PG names the directory whose node_modules holds pg.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const require = createRequire(process.env.NODE_PG + '/package.json');
const { Client } = require('pg');
const timeout = 1000 * Number(process.env.PEER_TIMEOUT ?? 5);

async function check(line) {
  const [host, port] = line.split(' ');
  const client = new Client({
    host, port: Number(port), user: process.env.PGUSER, ssl: false,
    database: process.env.PGDATABASE, password: process.env.PGPASSWORD,
    connectionTimeoutMillis: timeout, query_timeout: timeout,
  });
  client.on('error', () => {});
  await client.connect();
  await client.query('SELECT 1');
  await client.end();
}

const nodes = readFileSync(process.argv[2], 'utf8').trim().split('\n');
const answers = await Promise.allSettled(nodes.map(check));
console.log(answers.filter((answer) => answer.status === 'fulfilled').length, 'ok');
