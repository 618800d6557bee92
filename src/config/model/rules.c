/* Rules between settings.
 *
 * First built-in values give way (rules_settle), then what people wrote is judged
 * (rules_check): of two settings that do not fit the one that was said later is blamed,
 * and nothing that nobody wrote. */
#include "config/model/rules.h"

#include "fleet/envelope.h"
#include "pg/target.h"

#include <math.h>
#include <string.h>

/* The first may not be above the second. */
static const struct order {
    enum key low, high;
} orders[] = {
    {KEY_POOL_MIN, KEY_POOL_MAX},
    {KEY_CHECK_FAST_INTERVAL, KEY_CHECK_INTERVAL},
    {KEY_RETRY_INITIAL, KEY_RETRY_MAX},
    {KEY_RECONNECT_INITIAL, KEY_RECONNECT_MAX},
    {KEY_SSLMODE_MIN, KEY_SSLMODE},
    {KEY_SSL_MIN_PROTOCOL_VERSION, KEY_SSL_MAX_PROTOCOL_VERSION},
};

static bool is_broken(const struct view *view, const struct order *order)
{
    const struct item *low = view->items[order->low], *high = view->items[order->high];
    return low && high && low->value.number > high->value.number;
}

static void follow(struct view *view, enum key builtin, enum key set)
{
    view->items[builtin] = view->items[set];
    view->layers[builtin] = view->layers[set];
}

/* ---- the system's authorities ---- */

/* libpq refuses every weaker mode with them: the system trusts anybody's certificate
 * for anybody's own name. */
static bool trusts_system(const struct view *view)
{
    const char *authority = view_text(view, KEY_SSLROOTCERT);
    return authority && strcmp(authority, "system") == 0;
}

/* And it is what libpq takes then if nothing was said. */
static void settle_authority(struct view *view)
{
    static const struct item verify_full = {.text = (char *)"verify-full",
                                            .value.number = PG_SSL_VERIFY_FULL,
                                            .key = KEY_SSLMODE};
    if (!trusts_system(view) || !view->layers[KEY_SSLMODE] ||
        !view->layers[KEY_SSLMODE]->builtin)
        return;
    view->items[KEY_SSLMODE] = &verify_full;
    view->layers[KEY_SSLMODE] = view->layers[KEY_SSLROOTCERT];
}

static void check_authority(const struct view *view, struct complaints *complaints)
{
    static const enum key modes[] = {KEY_SSLMODE, KEY_SSLMODE_MIN};
    for (size_t i = 0; trusts_system(view) && i < ARRAY_SIZE(modes); i++) {
        const struct item *mode = view->items[modes[i]];
        if (mode && mode->value.number < PG_SSL_VERIFY_FULL)
            complain(complaints, PGCENSUS_SEVERITY_ERROR,
                     item_place(mode, view->layers[modes[i]]), NULL,
                     "%s: %s is below verify-full, without which libpq does not take "
                     "sslrootcert \"system\"",
                     key_row(modes[i])->path, quoted(mode->text).text);
    }
}

/* ---- consoles ---- */

static bool is_builtin(const struct view *view, enum key key)
{
    return view->layers[key] && view->layers[key]->builtin;
}

/* A console of a pooler speaks nothing else, and whatever does has a version. */
static void settle_protocol(struct view *view)
{
    static const struct item simple = {
        .text = (char *)"simple", .value.number = 1, .key = KEY_PROTOCOL};
    static const struct item show = {.text = (char *)"SHOW VERSION",
                                     .key = KEY_CHECK_QUERY};
    if (view_number(view, KEY_VIA) == 2 && is_builtin(view, KEY_PROTOCOL)) {
        view->items[KEY_PROTOCOL] = &simple;
        view->layers[KEY_PROTOCOL] = view->layers[KEY_VIA];
    }
    if (view_number(view, KEY_PROTOCOL) == 1 && is_builtin(view, KEY_CHECK_QUERY))
        view->items[KEY_CHECK_QUERY] = &show;
}

/* What goes without a transaction around it must not need one. */
static void check_protocol(const struct view *view, struct complaints *complaints)
{
    const struct item *query = view->items[KEY_CHECK_QUERY];
    if (view_number(view, KEY_PROTOCOL) == 1 && query &&
        !envelope_is_needless(query->text))
        complain(complaints, PGCENSUS_SEVERITY_ERROR,
                 item_place(query, view->layers[KEY_CHECK_QUERY]), NULL,
                 "check.query: with protocol: simple it is one SHOW … or SELECT 1");
}

/* ---- order ---- */

void rules_settle(struct view *view)
{
    settle_authority(view);
    settle_protocol(view);
    for (size_t i = 0; i < ARRAY_SIZE(orders); i++) {
        const struct order *order = &orders[i];
        if (!is_broken(view, order))
            continue;
        if (view->layers[order->low]->builtin)
            follow(view, order->low, order->high);
        else if (view->layers[order->high]->builtin)
            follow(view, order->high, order->low);
    }
}

/* Blames the one that was said later; line 0 is the command line, the last of all. */
static void complain_about(const struct view *view, const struct order *order,
                           struct complaints *complaints)
{
    const struct item *low = view->items[order->low], *high = view->items[order->high];
    bool blame_low = low->line - 1 >= high->line - 1;
    const struct item *blamed = blame_low ? low : high, *other = blame_low ? high : low;
    struct place at = item_place(blamed, view->layers[blamed->key]);
    char where[32] = "";

    if (other->line)
        snprintf(where, sizeof where, " (line %u)", other->line);
    complain(complaints, PGCENSUS_SEVERITY_ERROR, at, NULL, "%s: %s is %s %s %s%s",
             key_row((enum key)blamed->key)->path, quoted(blamed->text).text,
             blame_low ? "above" : "below", key_row((enum key)other->key)->path,
             quoted(other->text).text, where);
}

/* ---- thresholds ---- */

/* Limits of one shape have an order: what is critical is worse than what is a warning.
 * Of others nobody can say which is the stricter one. */
enum shape { NO_ORDER, AT_MOST, AT_LEAST };

static enum shape shape_of(const struct pgcensus_range *range)
{
    bool from_below = isinf(range->start) || range->start == 0;
    if (range->inside || (isinf(range->start) && isinf(range->end)))
        return NO_ORDER;
    if (isinf(range->end))
        return AT_LEAST;
    return from_below ? AT_MOST : NO_ORDER;
}

/* False: they may stay. */
static bool find_broken_limits(const struct view *view, enum pgcensus_metric metric,
                               struct order *ret_order)
{
    enum key warn_key = key_threshold(metric, false);
    enum key critical_key = key_threshold(metric, true);
    const struct item *warn_item = view->items[warn_key];
    const struct item *critical_item = view->items[critical_key];
    if (!warn_item || !critical_item)
        return false;

    const struct pgcensus_range *warn = &warn_item->value.range;
    const struct pgcensus_range *critical = &critical_item->value.range;
    enum shape shape = shape_of(warn);
    if (shape == NO_ORDER || shape != shape_of(critical))
        return false;
    *ret_order = shape == AT_MOST ? (struct order){warn_key, critical_key}
                                  : (struct order){critical_key, warn_key};
    return shape == AT_MOST ? warn->end > critical->end : critical->start > warn->start;
}

/* ---- all of them ---- */

void rules_check(const struct view *view, struct complaints *complaints)
{
    struct order limits;
    for (size_t i = 0; i < ARRAY_SIZE(orders); i++)
        if (is_broken(view, &orders[i]))
            complain_about(view, &orders[i], complaints);
    check_protocol(view, complaints);
    check_authority(view, complaints);
    for (unsigned metric = 0; metric < PGCENSUS_METRICS; metric++)
        if (find_broken_limits(view, (enum pgcensus_metric)metric, &limits))
            complain_about(view, &limits, complaints);
}

bool rules_can_connect(const struct view *view, const char **ret_message)
{
    if (!view->items[KEY_HOST] && !view->items[KEY_HOSTADDR]) {
        *ret_message = "has no host";
        return false;
    }
    if (!view->items[KEY_HOST] &&
        view_number(view, KEY_SSLMODE) == PG_SSL_VERIFY_FULL) {
        *ret_message =
            "has a hostaddr but no host, whose name verify-full would verify";
        return false;
    }
    return true;
}
