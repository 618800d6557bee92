/* Makes untrusted bytes safe for people, and handles UTF-8 and words.
 *
 * Everything that comes from a server, a configuration or a name service passes
 * text_add_safe() on its way to a human sink.  CWE-150. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decodes one UTF-8 character of s[0 … n-1], n > 0.  Returns its length, or 0 when
 * the bytes are no valid UTF-8 (overlong, surrogate, above U+10FFFF, cut off). */
size_t text_decode(const char *s, size_t n, uint32_t *ret_code);
void text_add_utf8(struct buf *buf, uint32_t code);

/* Whether a character acts on a terminal or hides from a reader: control bytes, bidi
 * controls, zero-width characters, fillers, line separators, tags. */
bool text_deceives(uint32_t code);

/* Appends the bytes and makes visible all that a terminal could obey or that
 * could fool a reader: C0, DEL, C1 as \x1b, bidi controls, zero-width and line
 * separators as \u{202e}, invalid bytes as \xff; a backslash stays itself.
 * Newline and tab become \n and \t. */
void text_add_safe(struct buf *buf, const void *bytes, size_t n);
void text_add_safe_str(struct buf *buf, const char *str);
/* As text_add_safe(), into a fixed array, cut at a character boundary with … at
 * the end. */
void text_copy_safe(char *to, size_t size, const void *bytes, size_t n);

/* Copies as much of str as fits, never half a UTF-8 character, always terminated. */
void text_copy(char *to, size_t size, const char *str);

/* The candidate nearest to word (Damerau-Levenshtein, at most 1 + length/3 and at most
 * 3 edits, case counts half), or NULL.  For "did you mean". */
const char *text_closest(const char *word, const char *const *candidates, size_t n);

/* fnmatch-like globs over whole names, only * ? and [sets]. */
bool text_is_glob(const char *pattern);
bool text_glob(const char *pattern, const char *name);

/* Folds names for people: pg-1, pg-2, pg-3, pg-7 → pg-[1-3,7].  Keeps leading
 * zeros; order of first appearance; names are made safe. */
void text_add_folded(struct buf *buf, const char *const *names, size_t n);

#endif
