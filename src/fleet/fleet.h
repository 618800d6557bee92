/* The fleet from inside: how nodes get into it.  The rest is <pgcensus/fleet.h>. */
#ifndef FLEET_FLEET_H
#define FLEET_FLEET_H

#include "base/auto.h"
#include "base/secrets.h"
#include "fleet/groups.h"
#include "fleet/options.h"

#include <pgcensus/fleet.h>

/* Takes the secrets (may be NULL) over, also when it fails. */
struct pgcensus_fleet *fleet_new(struct secrets *secrets,
                                 struct pgcensus_error *ret_error);
AUTO_DEFINE(struct pgcensus_fleet *, pgcensus_fleet_free)

/* Copies everything.  A name that is there already is TROUBLE_CONFIG. */
bool fleet_add(struct pgcensus_fleet *fleet, const struct node_options *options,
               struct pgcensus_error *ret_error);

/* The node of that name gets all of these options; none is TROUBLE_SELECTION.  False:
 * nothing changed. */
bool fleet_renew(struct pgcensus_fleet *fleet, const struct node_options *options,
                 struct pgcensus_error *ret_error);
/* For those of nodes that come later.  They are never taken out, since what they were
 * may still be quoted. */
struct secrets *fleet_secrets(struct pgcensus_fleet *fleet);

/* How many checks make a node healthy or not; never NULL. */
const struct health_options *fleet_health(const struct pgcensus_fleet *fleet,
                                          size_t index);

/* What a group requires; once for each group, before or behind its members. */
bool fleet_add_group(struct pgcensus_fleet *fleet, const char *name,
                     const struct pgcensus_require *require,
                     struct pgcensus_error *ret_error);
/* Counts a node of the configuration, in the fleet or not, as a member of a group;
 * NULL: of those that are in none. */
bool fleet_add_member(struct pgcensus_fleet *fleet, const char *group,
                      struct pgcensus_error *ret_error);
/* One that was counted is no member any more. */
void fleet_drop_member(struct pgcensus_fleet *fleet, const char *group);
/* name may be NULL, too.  NULL: nobody named such a group.  Lives until the next one is
 * added. */
const struct fleet_group *fleet_group_find(const struct pgcensus_fleet *fleet,
                                           const char *name);

#endif
