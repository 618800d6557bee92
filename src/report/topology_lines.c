/* Trees as lines, and what is said of a line.
 *
 * The rows of a table and of CSV are the same, in the same order: depth first, and
 * strangers behind the nodes that follow the same upstream. */
#include "report/topology.h"

#include "base/memory.h"
#include "report/words.h"

#include <string.h>

/* ---- lines ---- */

struct lines {
    struct tree_line *items;
    size_t n;
};

static void add_stranger(struct lines *lines, const struct pgcensus_cluster *cluster,
                         const struct pgcensus_tree_node *node,
                         const struct pgcensus_sender *stranger, int n_hidden)
{
    lines->items[lines->n++] = (struct tree_line){
        .cluster = cluster, .node = node, .stranger = stranger, .n_hidden = n_hidden};
}

static void add_strangers(struct lines *lines, const struct pgcensus_cluster *cluster,
                          const struct pgcensus_tree_node *node)
{
    for (size_t i = 0; i < node->n_strangers; i++)
        add_stranger(lines, cluster, node, node->strangers[i], 0);
    if (node->n_hidden > 0)
        add_stranger(lines, cluster, node, NULL, node->n_hidden);
    if (node->n_strangers > 0 || node->n_hidden > 0)
        lines->items[lines->n - 1].last = true;
}

static bool has_strangers(const struct pgcensus_tree_node *node)
{
    return node->n_strangers > 0 || node->n_hidden > 0;
}

static void add_node_line(struct lines *lines, const struct pgcensus_cluster *cluster,
                          const struct pgcensus_tree_node *node)
{
    bool more = node->next || (node->upstream && has_strangers(node->upstream));
    lines->items[lines->n++] =
        (struct tree_line){.cluster = cluster, .node = node, .last = !more};
}

static void add_cluster(struct lines *lines, const struct pgcensus_cluster *cluster)
{
    for (size_t i = 0; i < cluster->n; i++) {
        const struct pgcensus_tree_node *node = &cluster->nodes[i];
        unsigned next = i + 1 < cluster->n ? cluster->nodes[i + 1].depth : 0;
        add_node_line(lines, cluster, node);
        /* Whatever the next one is not below is complete. */
        for (; node && node->depth >= next; node = node->upstream)
            add_strangers(lines, cluster, node);
    }
}

static size_t count_tree_lines(const struct pgcensus_topology *topology)
{
    size_t n = topology->n_unplaced;
    for (size_t i = 0; i < topology->n_clusters; i++) {
        const struct pgcensus_cluster *cluster = &topology->clusters[i];
        for (size_t j = 0; j < cluster->n; j++)
            n += 1 + cluster->nodes[j].n_strangers + (cluster->nodes[j].n_hidden > 0);
    }
    return n;
}

struct tree_line *tree_lines_new(const struct pgcensus_topology *topology,
                                 size_t *ret_n)
{
    size_t n = count_tree_lines(topology);
    struct lines lines = {memory_array(n, sizeof *lines.items), 0};
    if (!lines.items)
        return NULL;
    for (size_t i = 0; i < topology->n_clusters; i++)
        add_cluster(&lines, &topology->clusters[i]);
    for (size_t i = 0; i < topology->n_unplaced; i++)
        lines.items[lines.n++] = (struct tree_line){.unplaced = &topology->unplaced[i]};
    *ret_n = lines.n;
    return lines.items;
}

const struct pgcensus_node_result *tree_line_result(const struct tree_line *line)
{
    if (line->unplaced)
        return line->unplaced->result;
    return line->stranger || line->n_hidden ? NULL : line->node->result;
}

static bool is_among(const char *const *names, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

const char **topology_groups(const struct topology_document *document,
                             const struct pgcensus_cluster *cluster, size_t *ret_n)
{
    const char **names = memory_array(cluster->n, sizeof *names);
    size_t n = 0;
    for (size_t i = 0; names && i < cluster->n; i++) {
        size_t index = cluster->nodes[i].result->index;
        const char *group = pgcensus_fleet_node(document->check->fleet, index)->group;
        if (group && !is_among(names, n, group))
            names[n++] = group;
    }
    *ret_n = n;
    return names;
}

/* ---- what is said of them ---- */

static void add_part(struct buf *out, size_t start)
{
    if (out->len > start)
        buf_add_str(out, "; ");
}

static void add_name_of(const struct pgcensus_fleet *fleet,
                        const struct pgcensus_node_result *result, struct buf *out)
{
    buf_add_str(out, pgcensus_fleet_node(fleet, result->index)->name);
}

/* With the name of the node where there is a %s. */
static void add_behind(const struct pgcensus_tree_node *node, const char *behind,
                       const struct pgcensus_fleet *fleet, struct buf *out)
{
    const char *place = strstr(behind, "%s");
    if (!place || !node->upstream_unplaced) {
        buf_add_str(out, behind);
        return;
    }
    buf_add(out, behind, (size_t)(place - behind));
    add_name_of(fleet, node->upstream_unplaced, out);
    buf_add_str(out, place + 2);
}

static void add_follows(const struct pgcensus_tree_node *node, const char *behind,
                        const struct pgcensus_fleet *fleet, struct buf *out)
{
    buf_add_str(out, "follows ");
    add_upstream(out, node->result->facts);
    add_behind(node, behind, fleet, out);
}

static void add_why_root(const struct pgcensus_tree_node *node,
                         const struct pgcensus_fleet *fleet, size_t start,
                         struct buf *out)
{
    if (node->why_root != PGCENSUS_ROOT_REASON_NONE)
        add_part(out, start);
    switch (node->why_root) {
    case PGCENSUS_ROOT_REASON_NONE:
        break;
    case PGCENSUS_ROOT_NO_RECEIVER:
        buf_add_str(out, "has no WAL receiver");
        break;
    case PGCENSUS_ROOT_HIDDEN:
        buf_add_str(out, "whom it follows is hidden from our role");
        break;
    case PGCENSUS_ROOT_NOT_TOLD:
        buf_add_str(out, "does not say whom it follows");
        break;
    case PGCENSUS_ROOT_NOT_ASKED:
        add_follows(node, ", not the address of another node here", fleet, out);
        break;
    case PGCENSUS_ROOT_DISABLED:
        add_follows(node, ", which is %s (disabled)", fleet, out);
        break;
    case PGCENSUS_ROOT_NOT_ANSWERED:
        add_follows(node, ", which is %s (did not answer)", fleet, out);
        break;
    case PGCENSUS_ROOT_UNPLACED:
        add_follows(node, ", which is %s", fleet, out);
        break;
    case PGCENSUS_ROOT_AMBIGUOUS:
        add_follows(node, ", an address of several servers", fleet, out);
        break;
    case PGCENSUS_ROOT_CIRCLE:
        add_follows(node, ", which follows it", fleet, out);
        break;
    }
}

static const char *why_unplaced(const struct pgcensus_unplaced *unplaced)
{
    switch (unplaced->why) {
    case PGCENSUS_UNPLACED_REASON_NONE:
    case PGCENSUS_UNPLACED_DISABLED:
    case PGCENSUS_UNPLACED_NOT_ANSWERED: /* its failure is told already */
        break;
    case PGCENSUS_UNPLACED_POOLER:
        return "behind a pooler, which may answer with any server";
    case PGCENSUS_UNPLACED_NO_FACTS:
        return unplaced->result->facts_reason;
    case PGCENSUS_UNPLACED_NO_IDENTIFIER:
        return "does not say to which cluster it belongs";
    }
    return "";
}

void tree_line_add_name(const struct tree_line *line,
                        const struct pgcensus_fleet *fleet, struct buf *out)
{
    const struct pgcensus_node_result *result = tree_line_result(line);
    if (result) {
        buf_add_str(out, pgcensus_fleet_node(fleet, result->index)->name);
        return;
    }
    buf_add_char(out, '(');
    if (!line->stranger)
        buf_add_format(out, "%d more", line->n_hidden);
    else if (*line->stranger->application)
        buf_add_str(out, line->stranger->application);
    else
        buf_add_str(out, "no name");
    buf_add_char(out, ')');
}

void tree_line_add_where(const struct tree_line *line,
                         const struct pgcensus_fleet *fleet, struct buf *out)
{
    const struct pgcensus_node_result *result = tree_line_result(line);
    if (result)
        add_address(out, pgcensus_fleet_node(fleet, result->index), result->hostaddr);
    else if (line->stranger)
        buf_add_str(out, *line->stranger->address ? line->stranger->address : "local");
}

void tree_line_add_detail(const struct tree_line *line,
                          const struct pgcensus_fleet *fleet, struct buf *out)
{
    const struct pgcensus_node_result *result = tree_line_result(line);
    size_t start = out->len;
    if (line->n_hidden) {
        buf_add_str(out, line->n_hidden == 1 ? "takes WAL from " : "take WAL from ");
        add_name_of(fleet, line->node->result, out);
        buf_add_str(out, ", of whom no more is known");
    }
    if (!result)
        return;
    add_detail_and_remarks(out, pgcensus_fleet_node(fleet, result->index), result,
                           /* with_address= */ line->unplaced != NULL);
    if (line->unplaced) {
        const char *why = why_unplaced(line->unplaced);
        if (*why)
            add_part(out, start);
        buf_add_str(out, why);
    } else if (line->node->same_server_as) {
        add_part(out, start);
        buf_add_str(out, "same server as ");
        add_name_of(fleet, line->node->same_server_as->result, out);
    } else {
        add_why_root(line->node, fleet, start, out);
    }
}
