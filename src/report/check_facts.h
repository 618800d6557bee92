/* Facts and verdicts on groups as JSON, for check_json.c. */
#ifndef REPORT_CHECK_FACTS_H
#define REPORT_CHECK_FACTS_H

#include "report/check.h"

/* The keys "facts", "facts_reason" and "facts_missing" of a node. */
void check_add_facts(struct json *json, const struct pgcensus_fleet *fleet,
                     const struct pgcensus_node_result *result);
/* Two of them: "host:port" of whom a standby follows, and what its receiver does. */
void check_add_upstream(struct json *json, const char *key,
                        const struct pgcensus_facts *facts);
void check_add_receiver(struct json *json, const struct pgcensus_facts *facts);
/* The key "groups" of the document. */
void check_add_groups(struct json *json, const struct check_document *document);
/* The key "reasons" of both. */
void check_add_reasons(struct json *json, const struct pgcensus_reason *reasons,
                       size_t n);

#endif
