/* Every secret of this run, so that any text can be cleaned of them.
 *
 * Libraries quote pieces of their input in messages.  Every such message passes
 * secrets_redact(), which replaces each known secret by ***: raw,
 * percent-encoded, base64 or with doubled quotes or backslashes.  Secrets
 * shorter than 3 bytes are only replaced as a whole word; otherwise half of
 * every text would be stars. */
#ifndef BASE_SECRETS_H
#define BASE_SECRETS_H

#include "base/auto.h"
#include "base/buf.h"

struct secrets;

struct secrets *secrets_new(void);
void secrets_free(struct secrets *secrets); /* wipes them */
AUTO_DEFINE(struct secrets *, secrets_free)
bool secrets_add(struct secrets *secrets, const char *secret); /* false: no memory */
size_t secrets_count(const struct secrets *secrets);
/* Both work in place; secrets may be NULL. */
void secrets_redact(const struct secrets *secrets, struct buf *buf);
void secrets_redact_array(const struct secrets *secrets, char *text, size_t size);

#endif
