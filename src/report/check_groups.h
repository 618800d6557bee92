/* Verdicts on groups in documents. */
#ifndef REPORT_CHECK_GROUPS_H
#define REPORT_CHECK_GROUPS_H

#include "report/check.h"

/* The key "groups". */
void check_groups_write(struct json *json, const struct check_document *document);

#endif
