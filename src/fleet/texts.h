/* Texts that events refer to, the newest of them, equal ones once.
 *
 * Servers that are down say the same again and again, so a few bytes a node hold what
 * thousands of events are about.  Bounded: the oldest make room. */
#ifndef FLEET_TEXTS_H
#define FLEET_TEXTS_H

#include "base/auto.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct texts;

/* size: in bytes, at least twice the longest text.  NULL: no memory. */
struct texts *texts_new(size_t size);
void texts_free(struct texts *texts);
AUTO_DEFINE(struct texts *, texts_free)

/* What finds the text again until size / 2 bytes of others were kept after it; 0 for
 * "".
 */
uint64_t texts_keep(struct texts *texts, const char *text);
/* NULL: it has made room. */
const char *texts_find(const struct texts *texts, uint64_t kept);

#endif
