/* The words, shapes and numbers that the pages of this room share. */
#ifndef REPORT_WORDS_H
#define REPORT_WORDS_H

#include "base/json.h"
#include "output/cell.h"

#include <pgcensus/pgcensus.h>

/* ✓ ! ✗ ? - or + ! x ? -. */
const char *status_mark(enum pgcensus_status status, bool unicode);
enum tone status_tone(enum pgcensus_status status);
/* Higher for what is worse. */
int status_rank(enum pgcensus_status status);
/* Whether a person should look at it. */
bool status_is_problem(enum pgcensus_status status);

/* Three significant digits, the decimals of hundredths at most: "0.23 ms", "1.80 ms",
 * "14.0 ms", "212 ms", "1.23 s". */
void add_length(struct buf *buf, nsec length);
/* The same, always in seconds. */
void add_seconds(struct buf *buf, nsec length);

/* The same of bytes, 1024 each: "0 B", "512 B", "1.50 MB", "16.0 GB". */
void add_size(struct buf *buf, int64_t bytes);

/* Of a standby: seconds if they are known, else bytes; nothing if neither is. */
void add_lag(struct buf *buf, const struct pgcensus_node_result *result);

/* Milliseconds to the microsecond; unknown → null. */
void json_key_milliseconds(struct json *json, const char *key, nsec length);
/* Not known → null. */
void json_key_known_int(struct json *json, const char *key, int64_t value, bool known);
/* As text, because it has more digits than a double holds; 0 → null. */
void json_key_identifier(struct json *json, const char *key, uint64_t identifier);
/* The value of "error": what failed; null if nothing did.  failure: NULL if it means
 * nothing. */
void json_write_error(struct json *json, const struct pgcensus_failure *failure);
void json_key_error(struct json *json, const struct pgcensus_failure *failure);
/* "" → null: text in the public structs has no other way to be absent. */
void json_key_text(struct json *json, const char *key, const char *text);

/* ADDRESS:PORT, [v6]:PORT or the path of a socket, as error messages have it. */
void add_address(struct buf *buf, const struct pgcensus_identity *identity,
                 const char *hostaddr);

/* Whom a standby follows, as it knows it, in the same form; nothing if it does not. */
void add_upstream(struct buf *buf, const struct pgcensus_facts *facts);

/* Why the node is not ok, safe for people; nothing if it is.  with_address: also where
 * libpq's messages say so, " (10.2.0.12:5432)". */
void add_detail(struct buf *buf, const struct pgcensus_identity *identity,
                const struct pgcensus_node_result *result, bool with_address);
/* What the server added to the message of its failure, behind it: " DETAIL: …". */
void add_added(struct buf *buf, const struct pgcensus_node_result *result);
/* What a person should know of a node that answered, whatever its verdict: that replay
 * is paused, that no commit was replayed yet, that a slot that is not used holds back
 * WAL. Nothing for most. */
void add_remarks(struct buf *buf, const struct pgcensus_node_result *result);
/* Both, the remarks behind the reasons; what a reason says already is not said again.
 */
void add_detail_and_remarks(struct buf *buf, const struct pgcensus_identity *identity,
                            const struct pgcensus_node_result *result,
                            bool with_address);
/* The class of the failure, else the code of the first reason; "" if there is none. */
const char *problem_code(const struct pgcensus_node_result *result);

#endif
