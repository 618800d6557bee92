#!/bin/sh
# psql_loop.sh NODES: one psql after the other, as most scripts do it.
while read -r host port; do
    "${PSQL:-psql}" -XAtq -h "$host" -p "$port" -c 'SELECT 1' </dev/null
done <"$1"
