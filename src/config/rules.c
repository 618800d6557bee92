#include "config/rules.h"

#include "pg/target.h"

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
    {KEY_THRESHOLDS_LATENCY_WARN, KEY_THRESHOLDS_LATENCY_CRITICAL},
    {KEY_THRESHOLDS_LAG_BYTES_WARN, KEY_THRESHOLDS_LAG_BYTES_CRITICAL},
};

static bool is_broken(const struct view *view, const struct order *order)
{
    const struct item *low = view->items[order->low], *high = view->items[order->high];
    if (!low || !high || low->value.number <= high->value.number)
        return false;
    /* Thresholds that are more than a limit have no order. */
    return !strpbrk(low->text, "@:") && !strpbrk(high->text, "@:");
}

static void follow(struct view *view, enum key builtin, enum key set)
{
    view->items[builtin] = view->items[set];
    view->layers[builtin] = view->layers[set];
}

void rules_settle(struct view *view)
{
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

void rules_check(const struct view *view, struct complaints *complaints)
{
    for (size_t i = 0; i < ARRAY_SIZE(orders); i++) {
        const struct order *order = &orders[i];
        if (!is_broken(view, order))
            continue;
        const struct item *low = view->items[order->low];
        const struct item *high = view->items[order->high];
        bool blame_low = low->line >= high->line;
        const struct item *blamed = blame_low ? low : high,
                          *other = blame_low ? high : low;
        struct place at = item_place(blamed, view->layers[blamed->key]);
        char where[32] = "";

        if (other->line)
            snprintf(where, sizeof where, " (line %u)", other->line);
        complain(complaints, PGCENSUS_SEVERITY_ERROR, at, NULL, "%s: %s is %s %s %s%s",
                 key_row((enum key)blamed->key)->path, quoted(blamed->text).text,
                 blame_low ? "above" : "below", key_row((enum key)other->key)->path,
                 quoted(other->text).text, where);
    }
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
