/* The command line as a source of settings.
 *
 * Nothing here is expanded: the shell has done that already.  Secrets are refused,
 * because every user of the machine can read the arguments of a process; the refusal
 * also tells the user that a secret typed there is no secret any more. */
#include "config/load/command_line.h"

#include "base/memory.h"
#include "base/quantity.h"
#include "config/load/url.h"
#include "pg/conninfo.h"

#define ERROR PGCENSUS_SEVERITY_ERROR

/* Keys and the names of nodes are made of these. */
static const char key_characters[] = "abcdefghijklmnopqrstuvwxyz"
                                     "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

static const char no_secrets[] =
    "give it by password_file, a password file (~/.pgpass) or a variable";

static bool ran_out(struct value_reader *reader, const void *memory)
{
    reader->diagnostics->no_memory |= !memory;
    return !memory;
}

/* ---- --set KEY=VALUE ---- */

/* Why a key that exists cannot be set for all nodes; NULL: it can. */
static const char *why_not_set(enum key key)
{
    if (key == KEY_ALLOW_WRITE)
        return "only a configuration says which nodes may be written to";
    if (key_stands(key, IN_DEFAULTS))
        return NULL;
    return key == KEY_NAME || key == KEY_GROUP
               ? "it says which node is which and cannot be set for all"
               : "it is a rule of a group, not a setting of nodes";
}

static void refuse_key(struct value_reader *reader, const char *name,
                       struct source_pos at)
{
    const char *why = key_refused(name), *near = key_suggest(name);
    if (strcmp(name, "labels") == 0)
        diagnose(reader->diagnostics, ERROR, at, NULL,
                 "labels are given in a configuration only");
    else if (why)
        diagnose(reader->diagnostics, ERROR, at, NULL, "it is no key of a node: %s",
                 why);
    else
        diagnose(reader->diagnostics, ERROR, at, NULL, "unknown key%s%s%s",
                 near ? " (did you mean \"" : "", near ? near : "", near ? "\"?)" : "");
}

/* The argument of an option, NAME=VALUE. */
struct assignment {
    char name[64], file[80]; /* file: for messages */
    const char *value;       /* NULL: there is no = behind the name */
};

/* Not more of it than a name can be: --set password:... must not be repeated. */
static void split_assignment(const char *origin, const char *argument,
                             struct assignment *ret_assignment)
{
    size_t n = strspn(argument, key_characters);
    struct assignment *to = ret_assignment;
    snprintf(to->name, sizeof to->name, "%.*s", (int)n, argument);
    snprintf(to->file, sizeof to->file, "%s %s", origin, to->name);
    to->value = argument[n] == '=' && n < sizeof to->name ? argument + n + 1 : NULL;
}

static void set_value(struct value_reader *reader, struct layer *layer, enum key key,
                      const char *value, struct source_pos at)
{
    if (*value == '\0') {
        diagnose(reader->diagnostics, ERROR, at, NULL, "is empty");
        return;
    }
    char *text = strdup(value);
    if (!ran_out(reader, text))
        value_reader_set(reader, layer, key, text, at);
}

static void read_set(struct pgcensus_config *config, struct value_reader *reader,
                     const char *argument)
{
    struct assignment given;
    enum key key;

    split_assignment("--set", argument, &given);
    struct source_pos at = {.file = given.file};
    if (!given.value) {
        diagnose(reader->diagnostics, ERROR, at, NULL, "it must be KEY=VALUE");
        return;
    }
    if (!key_find(given.name, &key)) {
        refuse_key(reader, given.name, at);
        return;
    }
    if (key_is_secret(key)) {
        diagnose(reader->diagnostics, ERROR, at, no_secrets,
                 "a secret on a command line can be read by everybody");
        return;
    }
    const char *why = why_not_set(key);
    if (why) {
        diagnose(reader->diagnostics, ERROR, at, NULL, "%s", why);
        return;
    }
    set_value(reader, &config->set, key, given.value, at);
}

/* ---- --warning METRIC=RANGE, --critical METRIC=RANGE ---- */

static void refuse_metric(struct value_reader *reader, const char *name,
                          struct source_pos at)
{
    const char *names[PGCENSUS_METRICS];
    AUTO(buf_fini) struct buf hint = BUF_INIT;

    for (unsigned i = 0; i < PGCENSUS_METRICS; i++) {
        names[i] = pgcensus_metric_name((enum pgcensus_metric)i);
        buf_add_format(&hint, "%s%s", i ? ", " : "metrics are ", names[i]);
    }
    const char *near = text_closest(name, names, PGCENSUS_METRICS);
    diagnose(reader->diagnostics, ERROR, at, hint.bytes, "unknown metric%s%s%s",
             near ? " (did you mean \"" : "", near ? near : "", near ? "\"?)" : "");
}

static void read_threshold(struct value_reader *reader, struct layer *layer,
                           bool critical, const char *argument)
{
    struct assignment given;
    enum pgcensus_metric metric;

    split_assignment(layer->origin, argument, &given);
    struct source_pos at = {.file = given.file};
    if (!given.value) {
        diagnose(reader->diagnostics, ERROR, at, "such as latency=200ms",
                 "it must be METRIC=RANGE");
        return;
    }
    if (!pgcensus_metric_find(given.name, &metric)) {
        refuse_metric(reader, given.name, at);
        return;
    }
    set_value(reader, layer, key_threshold(metric, critical), given.value, at);
}

/* ---- --url URI-or-conninfo ---- */

static void read_keyword(struct value_reader *reader, struct layer *layer,
                         const struct pg_keyword *given, struct source_pos at)
{
    enum key key;
    if (!key_find(given->keyword, &key) || !key_row(key)->libpq) {
        const char *why = key_refused(given->keyword);
        diagnose(reader->diagnostics, ERROR, at, NULL, "%s is not supported%s%s",
                 given->keyword, why ? ": " : "", why ? why : "");
        return;
    }
    char *text = value_reader_from_libpq(key, given->value);
    if (!ran_out(reader, text))
        value_reader_set(reader, layer, key, text, at);
}

static void read_url(struct pgcensus_config *config, struct value_reader *reader,
                     const char *url, size_t number)
{
    char file[32];
    AUTO(pg_conninfo_fini) struct pg_conninfo conninfo = {.n = 0};

    snprintf(file, sizeof file, "--url %zu", number);
    struct source_pos at = {.file = file};
    switch (pg_conninfo_read(url, &conninfo)) {
    case PG_CONNINFO_FINE:
        break;
    case PG_CONNINFO_INVALID:
        url_explain(url, at, reader->diagnostics);
        return;
    case PG_CONNINFO_NO_MEMORY:
        reader->diagnostics->no_memory = true;
        return;
    }
    for (size_t i = 0; i < conninfo.n; i++) {
        const char *keyword = conninfo.keywords[i].keyword;
        if (!quote_is_secret_key(keyword, strlen(keyword)))
            continue;
        diagnose(reader->diagnostics, ERROR, at, no_secrets,
                 "a password on a command line can be read by everybody");
        return;
    }
    struct config_node *node = config_add_node(config);
    if (ran_out(reader, node))
        return;
    node->layer.origin = "--url";
    for (size_t i = 0; i < conninfo.n; i++)
        read_keyword(reader, &node->layer, &conninfo.keywords[i], at);
}

/* ---- the names of nodes from URLs ---- */

/* How much of an address goes into the name of its node. */
enum precision { BY_HOST, BY_PORT, BY_DATABASE, N_PRECISIONS };

struct url_address {
    const char *host; /* or the service, if there is none; NULL: neither */
    long long port;
    const char *dbname;
};

static struct url_address url_address_of(const struct layer *layer)
{
    const struct config_setting *host = layer_find(layer, KEY_HOST);
    const struct config_setting *hostaddr = layer_find(layer, KEY_HOSTADDR);
    const struct config_setting *service = layer_find(layer, KEY_SERVICE);
    const struct config_setting *port = layer_find(layer, KEY_PORT);
    const struct config_setting *dbname = layer_find(layer, KEY_DBNAME);
    const struct config_setting *server = host ? host : hostaddr ? hostaddr : service;

    return (struct url_address){
        .host = server ? server->text : NULL,
        .port = port ? port->value.number : 5432,
        .dbname = dbname ? dbname->text : "postgres",
    };
}

/* Whether no other node from a URL has this address, as far as precision looks. */
static bool is_alone(const struct pgcensus_config *config, size_t first,
                     const struct url_address *address, enum precision precision)
{
    size_t n = 0;
    for (size_t i = first; i < config->n_nodes; i++) {
        struct url_address other = url_address_of(&config->nodes[i].layer);
        n += other.host && strcmp(other.host, address->host) == 0 &&
             (precision < BY_PORT || other.port == address->port) &&
             (precision < BY_DATABASE || strcmp(other.dbname, address->dbname) == 0);
    }
    return n == 1;
}

/* The address as a name: characters that a name cannot hold become "-", and the first
 * is none of them.  NULL: no memory. */
static char *spell(const struct url_address *address, enum precision precision)
{
    AUTO(buf_fini) struct buf name = BUF_INIT;
    buf_add_str(&name, address->host + strspn(address->host, "/:._-"));
    if (precision >= BY_PORT)
        buf_add_format(&name, "-%lld", address->port);
    if (precision >= BY_DATABASE)
        buf_add_format(&name, "-%s", address->dbname);
    for (size_t i = 0; i < name.len; i++)
        if (!strchr(key_characters, name.bytes[i]))
            name.bytes[i] = '-';
    return buf_take(&name);
}

/* The shortest name that no other node has; a number is the last resort. */
static char *make_name(const struct pgcensus_config *config, size_t first, size_t index)
{
    struct url_address address = url_address_of(&config->nodes[index].layer);
    size_t known;

    for (unsigned precision = 0; address.host && precision < N_PRECISIONS;
         precision++) {
        if (!is_alone(config, first, &address, (enum precision)precision))
            continue;
        AUTO(free) char *name = spell(&address, (enum precision)precision);
        if (!name)
            return NULL;
        if (!strchr("._-", *name) &&
            !name_table_find(&config->node_names, name, &known))
            return take_ptr(name);
    }
    return memory_format("url-%zu", index - first + 1);
}

static bool set_name(struct pgcensus_config *config, size_t first, size_t index,
                     struct diagnostic_list *diagnostics)
{
    struct config_setting name = {.key = KEY_NAME,
                                  .text = make_name(config, first, index)};
    size_t known;

    if (!name.text || !layer_put(&config->nodes[index].layer, &name) ||
        !name_table_reserve(&config->node_names))
        return false;
    if (name_table_find(&config->node_names, name.text, &known))
        diagnose(diagnostics, ERROR, (struct source_pos){.file = "--url"}, NULL,
                 "the configuration has a node named %s already",
                 quoted(name.text).text);
    else
        name_table_put(&config->node_names, name.text, index);
    return true;
}

/* ---- --timeout, --connect-timeout ---- */

static void set_duration(struct value_reader *reader, struct layer *layer, enum key key,
                         nsec length)
{
    AUTO(buf_fini) struct buf text = BUF_INIT;
    quantity_format_duration(length, &text);
    char *owned = buf_take(&text);
    if (!ran_out(reader, owned))
        value_reader_set(reader, layer, key, owned,
                         (struct source_pos){.file = layer->origin});
}

void command_line_read(struct pgcensus_config *config,
                       const struct pgcensus_config_source *source,
                       struct value_reader *reader)
{
    size_t first = config->n_nodes;

    for (size_t i = 0; i < source->n_sets; i++)
        read_set(config, reader, source->sets[i]);
    for (size_t i = 0; i < source->n_warnings; i++)
        read_threshold(reader, &config->warning, false, source->warnings[i]);
    for (size_t i = 0; i < source->n_criticals; i++)
        read_threshold(reader, &config->critical, true, source->criticals[i]);
    for (size_t i = 0; i < source->n_urls; i++)
        read_url(config, reader, source->urls[i], i + 1);
    for (size_t i = first; i < config->n_nodes; i++)
        reader->diagnostics->no_memory |=
            !set_name(config, first, i, reader->diagnostics);

    config->total_timeout = source->timeout;
    if (source->timeout) {
        set_duration(reader, &config->timeout, KEY_CONNECT_TIMEOUT, source->timeout);
        set_duration(reader, &config->timeout, KEY_CHECK_TIMEOUT, source->timeout);
    }
    if (source->connect_timeout)
        set_duration(reader, &config->connect_timeout, KEY_CONNECT_TIMEOUT,
                     source->connect_timeout);
}
