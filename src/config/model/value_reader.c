/* From text to a setting.
 *
 * Every value goes through taker_take(), whether it stands in the file, on the command
 * line, in a service or in the environment, so that all of them obey the same rules and
 * are refused with the same words. */
#include "config/model/value_reader.h"

#include "base/clock.h"
#include "base/memory.h"
#include "config/read/expand.h"
#include "config/read/input_file.h"

#define ERROR PGCENSUS_SEVERITY_ERROR

static void wipe(struct buf *buf)
{
    explicit_bzero(buf->bytes, buf->len);
    buf_fini(buf);
}
AUTO_DEFINE_VALUE(struct buf, wipe)

AUTO_DEFINE(char *, memory_wipe_str)

/* Replaces *text by what it expands to, and leaves in *written what it was, if it was
 * not the same; false: it was complained about. */
static bool expand_value(struct taker *taker, const char *what, char **text,
                         char **written, struct place at)
{
    if (!taker->expands || !expand_needed(*text))
        return true;
    char variable[LONGEST_VARIABLE + 1];
    AUTO(wipe) struct buf expanded = BUF_INIT;
    switch (expand_text(*text, &expanded, variable)) {
    case EXPANDED:
        break;
    case EXPAND_UNSET:
        complain(taker->complaints, ERROR, at,
                 "set it, or give a default: ${NAME:-default}",
                 "%s: the variable %s is not set", what, variable);
        return false;
    case EXPAND_BROKEN:
        complain(taker->complaints, ERROR, at, "write $$ for a dollar",
                 "%s: \"${\" without a variable and \"}\"", what);
        return false;
    }
    if (expanded.len == 0 && !expanded.broken) {
        complain(taker->complaints, ERROR, at, NULL,
                 "%s: is empty once its variables are filled in", what);
        return false;
    }
    *written = *text;
    *text = buf_take(&expanded);
    taker->complaints->no_memory |= !*text;
    return *text != NULL;
}

static bool is_relative_path(enum key key, const char *text)
{
    enum kind kind = key_row(key)->kind;
    return (kind == KIND_PATH || kind == KIND_SECRET_FILE) && text[0] != '/' &&
           text[0] != '~' && !(key == KEY_SSLROOTCERT && strcmp(text, "system") == 0);
}

/* Paths in a file are relative to that file: where pgcensus was started is chance. */
static bool anchor_path(struct taker *taker, enum key key, char **text)
{
    if (!taker->directory || !is_relative_path(key, *text))
        return true;
    char *path = memory_format("%s/%s", taker->directory, *text);
    free(*text);
    *text = path;
    taker->complaints->no_memory |= !path;
    return path != NULL;
}

static void tell_if_not_judged(struct taker *taker, enum key key, struct place at)
{
    const struct key_row *row = key_row(key);
    if (!row->block || taker->told[key])
        return;
    for (unsigned other = 0; other < KEY_COUNT; other++)
        if (key_row((enum key)other)->block == row->block)
            taker->told[other] = true;
    complain(taker->complaints, PGCENSUS_SEVERITY_NOTE, at, NULL,
             "%s: is checked but not judged by this version", row->block);
}

void taker_complain_unknown(struct complaints *complaints, enum key key,
                            struct place at)
{
    complain(complaints, ERROR, at, NULL,
             "%s: this libpq does not know it, it came with version %d",
             key_row(key)->path, key_row(key)->since);
}

static bool is_known_to_libpq(struct taker *taker, enum key key, struct place at)
{
    if (!taker->unknown_to_libpq[key])
        return true;
    taker_complain_unknown(taker->complaints, key, at);
    return false;
}

/* An older libpq would look for a file of that name and, if it need not verify, ignore
 * that there is none.  sslcertmode came with the same version. */
static bool is_known_authority(struct taker *taker, enum key key, const char *text,
                               struct place at)
{
    if (key != KEY_SSLROOTCERT || strcmp(text, "system") != 0 ||
        !taker->unknown_to_libpq[KEY_SSLCERTMODE])
        return true;
    complain(taker->complaints, ERROR, at, "a file of that name is ./system",
             "%s: \"system\": this libpq does not know it, it came with version %d",
             key_row(key)->path, key_row(KEY_SSLCERTMODE)->since);
    return false;
}

/* libpq looks for the files of TLS when it connects, and then once per node.  It may be
 * another machine's configuration that is checked here, so this is only a warning. */
static void tell_if_missing(struct taker *taker, enum key key, const char *path,
                            const char *written, struct place at)
{
    const struct key_row *row = key_row(key);
    if (row->kind != KIND_PATH || !row->keyword ||
        (key == KEY_SSLROOTCERT && strcmp(path, "system") == 0) || !file_missing(path))
        return;
    complain(taker->complaints, PGCENSUS_SEVERITY_WARNING, at, NULL,
             "%s: there is no file %s", row->path, quoted(written).text);
}

/* Of what should be long, the END alone means the opposite of what is wanted. */
static void tell_if_reversed(struct taker *taker, enum key key, const char *text,
                             const char *written, struct place at)
{
    const struct key_row *row = key_row(key);
    if (row->kind == KIND_RANGE && row->metric == PGCENSUS_METRIC_CERT_EXPIRY &&
        !strpbrk(text, "@:"))
        complain(taker->complaints, PGCENSUS_SEVERITY_WARNING, at,
                 "with a colon behind it, \"30d:\", it alerts if less is left",
                 "%s: %s alerts if more is left", row->path, quoted(written).text);
}

/* In a file nothing may be said twice; on the command line the last one counts. */
static bool is_first(struct taker *taker, const struct layer *layer, enum key key,
                     struct place at)
{
    const struct item *old = at.file ? NULL : layer_find(layer, key);
    if (!old)
        return true;
    complain(taker->complaints, ERROR, at, NULL,
             "duplicate %s (first given on line %u)", key_row(key)->path, old->line);
    return false;
}

static bool put(struct taker *taker, struct layer *layer, const struct item *item)
{
    bool secret = key_is_secret((enum key)item->key) && item->expanded;
    bool known = !secret || secrets_add(taker->secrets, item->text);
    return layer_put(layer, item) && known;
}

void taker_take(struct taker *taker, struct layer *layer, enum key key, char *text,
                struct place at)
{
    AUTO(memory_wipe_str) char *owned = text, *written = NULL;
    const char *path = key_row(key)->path;
    struct problem problem = {.hint = NULL};
    struct item item = {.key = (uint8_t)key, .line = at.file ? 0 : at.line};
    item.column = at.column > UINT16_MAX ? UINT16_MAX : (uint16_t)at.column;

    if (!is_known_to_libpq(taker, key, at) || !is_first(taker, layer, key, at) ||
        !expand_value(taker, path, &owned, &written, at) ||
        !is_known_authority(taker, key, owned, at) || !anchor_path(taker, key, &owned))
        return;
    item.expanded = written != NULL;
    if (!value_read_expanded(key, owned, written ? written : owned, &item.value,
                             &problem)) {
        complain(taker->complaints, ERROR, at, problem.hint, "%s: %s", path,
                 problem.message);
        return;
    }
    tell_if_not_judged(taker, key, at);
    tell_if_missing(taker, key, owned, written ? written : owned, at);
    tell_if_reversed(taker, key, owned, written ? written : owned, at);
    item.text = take_ptr(owned);
    taker->complaints->no_memory |= !put(taker, layer, &item);
}

void taker_take_label(struct taker *taker, struct layer *layer, char *text,
                      struct place at)
{
    AUTO(free) char *owned = text, *written = NULL;
    struct problem problem = {.hint = NULL};
    union value unused;

    if (!expand_value(taker, "labels", &owned, &written, at))
        return;
    char *equals = strchr(owned, '=');
    if (!equals || equals == owned) {
        complain(taker->complaints, ERROR, at, NULL, "labels: %s is not KEY=VALUE",
                 quoted(written ? written : owned).text);
        return;
    }
    *equals = '\0';
    if (!value_read_expanded(KEY_NAME, owned, written ? written : owned, &unused,
                             &problem) ||
        !value_read(KEY_USER, equals + 1, &unused, &problem)) {
        complain(taker->complaints, ERROR, at, problem.hint, "labels: %s",
                 problem.message);
        return;
    }
    if (layer_label(layer, owned)) {
        complain(taker->complaints, ERROR, at, NULL, "labels: duplicate label %s",
                 quoted(written ? written : owned).text);
        return;
    }
    if (layer->n_labels == 0)
        layer->labels_line = at.line;
    taker->complaints->no_memory |= !layer_put_label(layer, take_ptr(owned));
}

void taker_redact(struct taker *taker)
{
    struct pgcensus_diagnostics *kept = &taker->complaints->kept;
    for (size_t i = 0; i < kept->n; i++) {
        char *message = (char *)kept->items[i].message;
        AUTO(buf_fini) struct buf clean = BUF_INIT;
        buf_add_str(&clean, message);
        secrets_redact(taker->secrets, &clean);
        kept->items[i].message = buf_take(&clean);
        if (kept->items[i].message) {
            free(message);
        } else {
            *message = '\0';
            kept->items[i].message = message;
            taker->complaints->no_memory = true;
        }
    }
}

char *taker_from_libpq(enum key key, const char *text)
{
    const struct key_row *row = key_row(key);
    bool digits = *text && text[strspn(text, "0123456789")] == '\0';

    if (row->kind == KIND_BOOLEAN && (strcmp(text, "1") == 0 || strcmp(text, "0") == 0))
        return strdup(*text == '1' ? "true" : "false");
    if (row->kind == KIND_DURATION && digits)
        return memory_format("%s%s", text, row->unit == NSEC_PER_SEC ? "s" : "ms");
    return strdup(text);
}
