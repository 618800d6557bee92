/* Rules between settings.
 *
 * First rules_adjust() makes built-in values give way, then rules_check() checks what
 * users wrote: of two settings that contradict each other it blames the later one.  A
 * built-in value is never blamed. */
#include "config/model/rules.h"

#include "fleet/envelope.h"
#include "pg/target.h"

#include <math.h>
#include <string.h>

/* The first may not be above the second. */
static const struct key_order {
    enum key low, high;
} orders[] = {
    {KEY_POOL_MIN, KEY_POOL_MAX},
    {KEY_CHECK_FAST_INTERVAL, KEY_CHECK_INTERVAL},
    {KEY_RETRY_INITIAL, KEY_RETRY_MAX},
    {KEY_RECONNECT_INITIAL, KEY_RECONNECT_MAX},
    {KEY_SSLMODE_MIN, KEY_SSLMODE},
    {KEY_SSL_MIN_PROTOCOL_VERSION, KEY_SSL_MAX_PROTOCOL_VERSION},
};

static bool is_broken(const struct view *view, const struct key_order *order)
{
    const struct config_setting *low = view->settings[order->low],
                                *high = view->settings[order->high];
    return low && high && low->value.number > high->value.number;
}

static void copy_setting(struct view *view, enum key builtin, enum key set)
{
    view->settings[builtin] = view->settings[set];
    view->layers[builtin] = view->layers[set];
}

/* ---- the system's authorities ---- */

/* With the system's authorities libpq refuses every mode below verify-full: any owner
 * of a domain can get a certificate that they accept. */
static bool trusts_system(const struct view *view)
{
    const char *authority = view_text(view, KEY_SSLROOTCERT);
    return authority && strcmp(authority, "system") == 0;
}

/* Like libpq, takes verify-full if no mode was set. */
static void adjust_authority(struct view *view)
{
    static const struct config_setting verify_full = {.text = (char *)"verify-full",
                                                      .value.number =
                                                          PG_SSL_VERIFY_FULL,
                                                      .key = KEY_SSLMODE};
    if (!trusts_system(view) || !view->layers[KEY_SSLMODE] ||
        !view->layers[KEY_SSLMODE]->builtin)
        return;
    view->settings[KEY_SSLMODE] = &verify_full;
    view->layers[KEY_SSLMODE] = view->layers[KEY_SSLROOTCERT];
}

static void check_authority(const struct view *view,
                            struct diagnostic_list *diagnostics)
{
    static const enum key modes[] = {KEY_SSLMODE, KEY_SSLMODE_MIN};
    for (size_t i = 0; trusts_system(view) && i < ARRAY_SIZE(modes); i++) {
        const struct config_setting *mode = view->settings[modes[i]];
        if (mode && mode->value.number < PG_SSL_VERIFY_FULL)
            diagnose(diagnostics, PGCENSUS_SEVERITY_ERROR,
                     setting_pos(mode, view->layers[modes[i]]), NULL,
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

/* The console of a pooler speaks only the simple protocol, and answers SHOW VERSION but
 * not SELECT 1. */
static void adjust_protocol(struct view *view)
{
    static const struct config_setting simple = {
        .text = (char *)"simple", .value.number = 1, .key = KEY_PROTOCOL};
    static const struct config_setting show = {.text = (char *)"SHOW VERSION",
                                               .key = KEY_CHECK_QUERY};
    if (view_number(view, KEY_VIA) == 2 && is_builtin(view, KEY_PROTOCOL)) {
        view->settings[KEY_PROTOCOL] = &simple;
        view->layers[KEY_PROTOCOL] = view->layers[KEY_VIA];
    }
    if (view_number(view, KEY_PROTOCOL) == 1 && is_builtin(view, KEY_CHECK_QUERY))
        view->settings[KEY_CHECK_QUERY] = &show;
}

/* With the simple protocol there is no transaction around check.query, so it must be
 * one that needs none. */
static void check_protocol(const struct view *view, struct diagnostic_list *diagnostics)
{
    const struct config_setting *query = view->settings[KEY_CHECK_QUERY];
    if (view_number(view, KEY_PROTOCOL) == 1 && query &&
        !envelope_is_needless(query->text))
        diagnose(diagnostics, PGCENSUS_SEVERITY_ERROR,
                 setting_pos(query, view->layers[KEY_CHECK_QUERY]), NULL,
                 "check.query: with protocol: simple it is one SHOW … or SELECT 1");
}

/* ---- order ---- */

void rules_adjust(struct view *view)
{
    adjust_authority(view);
    adjust_protocol(view);
    for (size_t i = 0; i < ARRAY_SIZE(orders); i++) {
        const struct key_order *order = &orders[i];
        if (!is_broken(view, order))
            continue;
        if (view->layers[order->low]->builtin)
            copy_setting(view, order->low, order->high);
        else if (view->layers[order->high]->builtin)
            copy_setting(view, order->high, order->low);
    }
}

/* Blames the setting that stands later; line 0 is the command line, the last of all. */
static void refuse_order(const struct view *view, const struct key_order *order,
                         struct diagnostic_list *diagnostics)
{
    const struct config_setting *low = view->settings[order->low],
                                *high = view->settings[order->high];
    bool blame_low = low->line - 1 >= high->line - 1;
    const struct config_setting *blamed = blame_low ? low : high,
                                *other = blame_low ? high : low;
    struct source_pos at = setting_pos(blamed, view->layers[blamed->key]);
    char where[32] = "";

    if (other->line)
        snprintf(where, sizeof where, " (line %u)", other->line);
    diagnose(diagnostics, PGCENSUS_SEVERITY_ERROR, at, NULL, "%s: %s is %s %s %s%s",
             key_row((enum key)blamed->key)->path, quoted(blamed->text).text,
             blame_low ? "above" : "below", key_row((enum key)other->key)->path,
             quoted(other->text).text, where);
}

/* ---- thresholds ---- */

/* Two limits of one shape have an order: the critical one must be the worse one.  Of
 * limits of different shapes neither is stricter. */
enum limit_shape { NO_ORDER, AT_MOST, AT_LEAST };

static enum limit_shape shape_of(const struct pgcensus_range *range)
{
    bool from_below = isinf(range->start) || range->start == 0;
    if (range->inside || (isinf(range->start) && isinf(range->end)))
        return NO_ORDER;
    if (isinf(range->end))
        return AT_LEAST;
    return from_below ? AT_MOST : NO_ORDER;
}

/* False: they are in order, or have none. */
static bool find_broken_limits(const struct view *view, enum pgcensus_metric metric,
                               struct key_order *ret_order)
{
    enum key warn_key = key_threshold(metric, false);
    enum key critical_key = key_threshold(metric, true);
    const struct config_setting *warn_item = view->settings[warn_key];
    const struct config_setting *critical_item = view->settings[critical_key];
    if (!warn_item || !critical_item)
        return false;

    const struct pgcensus_range *warn = &warn_item->value.range;
    const struct pgcensus_range *critical = &critical_item->value.range;
    enum limit_shape shape = shape_of(warn);
    if (shape == NO_ORDER || shape != shape_of(critical))
        return false;
    *ret_order = shape == AT_MOST ? (struct key_order){warn_key, critical_key}
                                  : (struct key_order){critical_key, warn_key};
    return shape == AT_MOST ? warn->end > critical->end : critical->start > warn->start;
}

/* ---- all of them ---- */

void rules_check(const struct view *view, struct diagnostic_list *diagnostics)
{
    struct key_order limits;
    for (size_t i = 0; i < ARRAY_SIZE(orders); i++)
        if (is_broken(view, &orders[i]))
            refuse_order(view, &orders[i], diagnostics);
    check_protocol(view, diagnostics);
    check_authority(view, diagnostics);
    for (unsigned metric = 0; metric < PGCENSUS_METRICS; metric++)
        if (find_broken_limits(view, (enum pgcensus_metric)metric, &limits))
            refuse_order(view, &limits, diagnostics);
}

bool rules_can_connect(const struct view *view, const char **ret_message)
{
    if (!view->settings[KEY_HOST] && !view->settings[KEY_HOSTADDR]) {
        *ret_message = "has no host";
        return false;
    }
    if (!view->settings[KEY_HOST] &&
        view_number(view, KEY_SSLMODE) == PG_SSL_VERIFY_FULL) {
        *ret_message =
            "has a hostaddr but no host, whose name verify-full would verify";
        return false;
    }
    return true;
}
