#!/bin/sh
# psql_xargs.sh NODES: sixteen psql at a time.
sed 's/\(.*\) \(.*\)/-h \1 -p \2/' "$1" |
    xargs -P 16 -L 1 "${PSQL:-psql}" -XAtq -c 'SELECT 1'
