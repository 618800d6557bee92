#include "output/exposition.h"

#include "base/quantity.h"
#include "base/text.h"

#include <string.h>

void exposition_init(struct exposition *exposition, struct buf *out)
{
    *exposition = (struct exposition){.out = out};
}

void exposition_family(struct exposition *exposition, const char *name,
                       const char *help)
{
    exposition->name = name;
    exposition->help = help;
    exposition->begun = false;
}

void exposition_begin(struct exposition *exposition)
{
    if (!exposition->begun)
        buf_add_format(exposition->out, "# HELP %s %s\n# TYPE %s gauge\n",
                       exposition->name, exposition->help, exposition->name);
    exposition->begun = true;
    exposition->n_labels = 0;
    buf_add_str(exposition->out, exposition->name);
}

/* Only \\, \" and \n mean something in a label: there is no escape for any other
 * character, so the visible form of one begins with a backslash that is escaped. */
static void add_character(struct buf *out, uint32_t code, const char *bytes, size_t n)
{
    AUTO(buf_fini) struct buf visible = BUF_INIT;
    if (code == '\n') {
        buf_add_str(out, "\\n");
        return;
    }
    text_add_safe(&visible, bytes, n);
    out->broken |= visible.broken;
    for (size_t i = 0; i < visible.len; i++) {
        if (visible.bytes[i] == '\\' || visible.bytes[i] == '"')
            buf_add_char(out, '\\');
        buf_add_char(out, visible.bytes[i]);
    }
}

static void add_sample_value(struct buf *out, const char *value, size_t n)
{
    while (n > 0) {
        uint32_t code;
        size_t length = text_decode(value, n, &code);
        if (length == 0)
            text_add_utf8(out, 0xfffd);
        else if (code == '\\' || code == '"' || text_deceives(code))
            add_character(out, code, value, length);
        else
            buf_add(out, value, length);
        value += length ? length : 1;
        n -= length ? length : 1;
    }
}

void exposition_label(struct exposition *exposition, const char *name,
                      const char *value)
{
    struct buf *out = exposition->out;
    buf_add_format(out, "%c%s=\"", exposition->n_labels++ ? ',' : '{', name);
    if (value)
        add_sample_value(out, value, strlen(value));
    buf_add_char(out, '"');
}

static void end_labels(struct exposition *exposition)
{
    buf_add_str(exposition->out, exposition->n_labels ? "} " : " ");
}

void exposition_number(struct exposition *exposition, double value, int decimals)
{
    end_labels(exposition);
    quantity_format_number(value, decimals, exposition->out);
    buf_add_char(exposition->out, '\n');
}

void exposition_count(struct exposition *exposition, uint64_t value)
{
    end_labels(exposition);
    buf_add_format(exposition->out, "%llu\n", (unsigned long long)value);
}
