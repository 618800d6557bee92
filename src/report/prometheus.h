/* Families of metrics about nodes, between the two files that write them. */
#ifndef REPORT_PROMETHEUS_H
#define REPORT_PROMETHEUS_H

#include "output/exposition.h"
#include "report/check.h"

struct prometheus_node {
    struct exposition *text;
    const struct check_document *document;
    const struct pgcensus_identity *identity;
    const struct pgcensus_node_result *result;
};

struct prometheus_family {
    const char *name, *help;
    void (*add)(const struct prometheus_node *node); /* nothing if it is not known */
    /* In its place, of what is a number of its own: a column of check_fields, in
     * seconds if it is a time, with that many decimals. */
    const char *column;
    int decimals;
};

/* Begins a sample and gives it its label "node". */
void prometheus_begin(const struct prometheus_node *node);

/* What nodes say of themselves, and lag. */
const struct prometheus_family *prometheus_facts(size_t *ret_n);

#endif
