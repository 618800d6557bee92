#include "report/check_groups.h"

#include "report/check_lists.h"

static void add_node_names(struct json *json, const char *key,
                           const struct pgcensus_fleet *fleet, const size_t *indexes,
                           size_t n)
{
    json_key(json, key);
    json_begin_array(json);
    for (size_t i = 0; i < n; i++)
        json_string(json, pgcensus_fleet_node(fleet, indexes[i])->name);
    json_end_array(json);
}

void check_groups_write(struct json *json, const struct check_document *document)
{
    const struct pgcensus_verdict *verdict = document->verdict;
    json_key(json, "groups");
    json_begin_array(json);
    for (size_t i = 0; verdict && i < verdict->n_groups; i++) {
        const struct pgcensus_group_verdict *group = &verdict->groups[i];
        json_begin_object(json);
        json_key_string(json, "group", group->group);
        json_key_string(json, "status", pgcensus_status_name(group->status));
        add_node_names(json, "primaries", document->fleet, group->primaries,
                       group->n_primaries);
        add_node_names(json, "standbys", document->fleet, group->standbys,
                       group->n_standbys);
        json_key(json, "reasons");
        check_write_reasons(group->reasons, group->n_reasons, json);
        json_end_object(json);
    }
    json_end_array(json);
}
