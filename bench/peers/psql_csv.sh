#!/bin/sh
# psql_csv.sh NODES SQL: eight psql at a time, all rows as CSV.
sed 's/\(.*\) \(.*\)/-h \1 -p \2/' "$1" |
    xargs -P 8 -L 1 "${PSQL:-psql}" -Xqt --csv -c "$2"
