// node_pg_csv.mjs NODES SQL: a client per node and Promise.all; all rows as CSV.
// Rows come as arrays of text, the cheapest that pg offers: no objects, no Dates.
// NODE_PG names the directory whose node_modules holds pg.
import { createRequire } from 'node:module';
import { readFileSync, writeSync } from 'node:fs';

const require = createRequire(process.env.NODE_PG + '/package.json');
const { Client } = require('pg');
const timeout = 1000 * Number(process.env.PEER_TIMEOUT ?? 5);
const special = /[",\r\n]/;

function cell(value) {
  if (value === null) return '';
  return special.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

function print(text) {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length;) at += writeSync(1, bytes, at);
}

async function query(line, index) {
  const [host, port] = line.split(' ');
  const client = new Client({
    host, port: Number(port), user: process.env.PGUSER, ssl: false,
    database: process.env.PGDATABASE, password: process.env.PGPASSWORD,
    connectionTimeoutMillis: timeout, query_timeout: timeout,
  });
  await client.connect();
  const { rows } = await client.query({
    text: process.argv[3], rowMode: 'array',
    types: { getTypeParser: () => (value) => value },
  });
  await client.end();
  const name = `n${String(index + 1).padStart(5, '0')}`;
  print(rows.map((row) => `${name},${row.map(cell).join(',')}\n`).join(''));
}

const nodes = readFileSync(process.argv[2], 'utf8').trim().split('\n');
await Promise.all(nodes.map(query));
