/* The command line as a source of settings.
 *
 * Nothing here is expanded: the shell has done that already.  Secrets are refused,
 * because every user of the machine can read the arguments of a process, and whoever
 * typed one should know that it is burnt. */
#include "config/command_line.h"

#include "base/memory.h"
#include "base/quantity.h"
#include "pg/conninfo.h"

#define ERROR PGCENSUS_SEVERITY_ERROR

/* Of keys, and of names. */
static const char key_characters[] = "abcdefghijklmnopqrstuvwxyz"
                                     "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

static const char no_secrets[] =
    "give it by password_file, a password file (~/.pgpass) or a variable";

static bool ran_out(struct taker *taker, const void *memory)
{
    taker->complaints->no_memory |= !memory;
    return !memory;
}

/* ---- --set KEY=VALUE ---- */

static void complain_about_key(struct taker *taker, const char *name, struct place at)
{
    const char *why = key_refused(name), *near = key_suggest(name);
    if (why)
        complain(taker->complaints, ERROR, at, NULL, "it is no key of a node: %s", why);
    else
        complain(taker->complaints, ERROR, at, NULL, "unknown key%s%s%s",
                 near ? " (did you mean \"" : "", near ? near : "", near ? "\"?)" : "");
}

static void take_set(struct pgcensus_config *config, struct taker *taker,
                     const char *argument)
{
    const char *equals = strchr(argument, '=');
    char name[64], file[72];
    enum key key;

    /* Not more of it than a key can be: --set password:… must not be repeated. */
    snprintf(name, sizeof name, "%.*s", (int)strspn(argument, key_characters),
             argument);
    snprintf(file, sizeof file, "--set %s", name);
    struct place at = {.file = file};
    if (!equals || equals != argument + strlen(name)) {
        complain(taker->complaints, ERROR, at, NULL, "it must be KEY=VALUE");
        return;
    }
    if (!key_find(name, &key)) {
        complain_about_key(taker, name, at);
        return;
    }
    if (key_is_secret(key)) {
        complain(taker->complaints, ERROR, at, no_secrets,
                 "a secret on a command line can be read by everybody");
        return;
    }
    if (key_row(key)->fixed) {
        complain(taker->complaints, ERROR, at, NULL,
                 "it says which node is which and cannot be set for all");
        return;
    }
    if (equals[1] == '\0') {
        complain(taker->complaints, ERROR, at, NULL, "is empty");
        return;
    }
    char *text = strdup(equals + 1);
    if (!ran_out(taker, text))
        taker_take(taker, &config->set, key, text, at);
}

/* ---- --url URI-or-conninfo ---- */

static bool has_password(const struct pg_conninfo *conninfo)
{
    for (size_t i = 0; i < conninfo->n; i++)
        if (source_is_secret_key(conninfo->keywords[i].keyword,
                                 strlen(conninfo->keywords[i].keyword)))
            return true;
    return false;
}

static void take_keyword(struct taker *taker, struct layer *layer,
                         const struct pg_keyword *given, struct place at)
{
    enum key key;
    if (!key_find(given->keyword, &key) || !key_row(key)->libpq) {
        const char *why = key_refused(given->keyword);
        complain(taker->complaints, ERROR, at, NULL, "%s is not supported%s%s",
                 given->keyword, why ? ": " : "", why ? why : "");
        return;
    }
    char *text = taker_from_libpq(key, given->value);
    if (!ran_out(taker, text))
        taker_take(taker, layer, key, text, at);
}

static void take_url(struct pgcensus_config *config, struct taker *taker,
                     const char *url, size_t number)
{
    char file[32];
    AUTO(pg_conninfo_fini) struct pg_conninfo conninfo = {.n = 0};

    snprintf(file, sizeof file, "--url %zu", number);
    struct place at = {.file = file};
    switch (pg_conninfo_read(url, &conninfo)) {
    case PG_CONNINFO_FINE:
        break;
    case PG_CONNINFO_INVALID:
        complain(taker->complaints, ERROR, at,
                 "write postgresql://USER@HOST:PORT/DBNAME or \"host=HOST port=PORT\"",
                 "it is neither a URI nor a connection string");
        return;
    case PG_CONNINFO_NO_MEMORY:
        taker->complaints->no_memory = true;
        return;
    }
    if (has_password(&conninfo)) {
        complain(taker->complaints, ERROR, at, no_secrets,
                 "a password on a command line can be read by everybody");
        return;
    }
    struct node *node = inventory_add_node(config);
    if (ran_out(taker, node))
        return;
    node->layer.origin = "--url";
    for (size_t i = 0; i < conninfo.n; i++)
        take_keyword(taker, &node->layer, &conninfo.keywords[i], at);
}

static bool can_be_name(const char *text)
{
    return !strchr("._-", *text) && text[strspn(text, key_characters)] == '\0';
}

/* How many of the nodes from URLs are at that host, and at that port if it is not 0. */
static size_t count_at(const struct pgcensus_config *config, size_t first,
                       const char *host, int64_t port)
{
    size_t n = 0;
    for (size_t i = first; i < config->n_nodes; i++) {
        const struct layer *layer = &config->nodes[i].layer;
        const struct item *other = layer_find(layer, KEY_HOST);
        const struct item *other_port = layer_find(layer, KEY_PORT);
        int64_t other_number = other_port ? other_port->value.number : 5432;
        n += other && strcmp(other->text, host) == 0 &&
             (port == 0 || other_number == port);
    }
    return n;
}

/* After the host if that tells it from the others, else host:port, else a number. */
static char *make_name(const struct pgcensus_config *config, size_t first, size_t index)
{
    const struct layer *layer = &config->nodes[index].layer;
    const struct item *host = layer_find(layer, KEY_HOST);
    const struct item *port = layer_find(layer, KEY_PORT);
    int64_t number = port ? port->value.number : 5432;
    size_t known;

    if (host && can_be_name(host->text)) {
        if (count_at(config, first, host->text, 0) == 1 &&
            !names_find(&config->node_names, host->text, &known))
            return strdup(host->text);
        if (count_at(config, first, host->text, number) == 1) {
            char *name = memory_format("%s:%lld", host->text, (long long)number);
            if (!name || !names_find(&config->node_names, name, &known))
                return name;
            free(name);
        }
    }
    return memory_format("url-%zu", index - first + 1);
}

static bool put_name(struct pgcensus_config *config, size_t first, size_t index,
                     struct complaints *complaints)
{
    struct item name = {.key = KEY_NAME, .text = make_name(config, first, index)};
    size_t known;

    if (!name.text || !layer_put(&config->nodes[index].layer, &name) ||
        !names_reserve(&config->node_names))
        return false;
    if (names_find(&config->node_names, name.text, &known))
        complain(complaints, ERROR, (struct place){.file = "--url"}, NULL,
                 "the configuration has a node named %s already",
                 quoted(name.text).text);
    else
        names_put(&config->node_names, name.text, index);
    return true;
}

/* ---- --timeout, --connect-timeout ---- */

static void put_duration(struct taker *taker, struct layer *layer, enum key key,
                         nsec length)
{
    AUTO(buf_fini) struct buf text = BUF_INIT;
    struct item item = {.key = (uint8_t)key, .value.number = length};

    quantity_format_duration(length, &text);
    item.text = buf_take(&text);
    if (!ran_out(taker, item.text) && !layer_put(layer, &item))
        taker->complaints->no_memory = true;
}

void command_line_take(struct pgcensus_config *config,
                       const struct pgcensus_config_source *source, struct taker *taker)
{
    size_t first = config->n_nodes;

    for (size_t i = 0; i < source->n_sets; i++)
        take_set(config, taker, source->sets[i]);
    for (size_t i = 0; i < source->n_urls; i++)
        take_url(config, taker, source->urls[i], i + 1);
    for (size_t i = first; i < config->n_nodes; i++)
        taker->complaints->no_memory |= !put_name(config, first, i, taker->complaints);

    config->total_timeout = source->timeout;
    if (source->timeout) {
        put_duration(taker, &config->timeout, KEY_CONNECT_TIMEOUT, source->timeout);
        put_duration(taker, &config->timeout, KEY_CHECK_TIMEOUT, source->timeout);
    }
    if (source->connect_timeout)
        put_duration(taker, &config->connect_timeout, KEY_CONNECT_TIMEOUT,
                     source->connect_timeout);
}
