#include "cli/term/messages.h"

#include "base/text.h"

#include <errno.h>
#include <stdarg.h>
#include <unistd.h>

void say_lines(const struct buf *lines)
{
    size_t done = 0;
    while (done < lines->len) {
        ssize_t n = write(STDERR_FILENO, lines->bytes + done, lines->len - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return; /* there is nowhere left to say so */
        done += (size_t)n;
    }
}

void say(const char *format, ...)
{
    AUTO(buf_fini) struct buf text = BUF_INIT;
    va_list args;
    va_start(args, format);
    buf_add_vformat(&text, format, args);
    va_end(args);

    /* One write per message: lines of several processes do not mix. */
    AUTO(buf_fini) struct buf line = BUF_INIT;
    buf_add_str(&line, "pgcensus: ");
    text_add_safe(&line, text.bytes, text.len);
    buf_add_char(&line, '\n');
    say_lines(&line);
}
