/* The fleet from inside: how nodes get into it.  The rest is <pgcensus/fleet.h>. */
#ifndef FLEET_FLEET_H
#define FLEET_FLEET_H

#include "base/auto.h"
#include "base/secrets.h"
#include "fleet/options.h"

#include <pgcensus/fleet.h>

/* Takes the secrets (may be NULL) over, also when it fails. */
struct pgcensus_fleet *fleet_new(struct secrets *secrets,
                                 struct pgcensus_error *ret_error);
AUTO_DEFINE(struct pgcensus_fleet *, pgcensus_fleet_free)

/* Copies everything.  A name that is there already is TROUBLE_CONFIG. */
bool fleet_add(struct pgcensus_fleet *fleet, const struct node_options *options,
               struct pgcensus_error *ret_error);

#endif
