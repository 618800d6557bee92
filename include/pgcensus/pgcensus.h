/* Includes all public headers of pgcensus.  See tests/e2e/quickstart.c for a
 * complete program. */
#ifndef PGCENSUS_PGCENSUS_H
#define PGCENSUS_PGCENSUS_H

#include <pgcensus/config.h>
#include <pgcensus/events.h>
#include <pgcensus/facts.h>
#include <pgcensus/fleet.h>
#include <pgcensus/nodes.h>
#include <pgcensus/query.h>
#include <pgcensus/recall.h>
#include <pgcensus/replies.h>
#include <pgcensus/rows.h>
#include <pgcensus/status.h>
#include <pgcensus/topology.h>
#include <pgcensus/verdict.h>
#include <pgcensus/version.h>

#endif
