#include "output/cell.h"

#include <string.h>

struct cell cell_text(const char *text)
{
    if (!text)
        return (struct cell){.kind = CELL_NULL};
    return (struct cell){.kind = CELL_TEXT, .text = text, .len = strlen(text)};
}

struct cell cell_number(const char *digits)
{
    struct cell cell = cell_text(digits);
    if (digits)
        cell.kind = CELL_NUMBER;
    return cell;
}

const char *tone_begin(enum tone tone, bool many_colours)
{
    switch (tone) {
    case TONE_PLAIN:
        return "";
    case TONE_WARN:
        return many_colours ? "\x1b[38;5;214m" : "\x1b[33m";
    case TONE_DOWN:
        return many_colours ? "\x1b[1;7;38;5;166m" : "\x1b[1;7;31m";
    case TONE_INFO:
        return many_colours ? "\x1b[38;5;74m" : "\x1b[34m";
    }
    return "";
}

const char *tone_end(enum tone tone)
{
    return tone == TONE_PLAIN ? "" : "\x1b[0m";
}
