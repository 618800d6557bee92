/* Which SQLite this is: only query/ knows its header. */
#ifndef QUERY_SQLITE_H
#define QUERY_SQLITE_H

/* "3.40.1"; NULL: built without. */
const char *query_sqlite_version(void);

#endif
