/* One value on its way from text to a layer: expanded, read, judged. */
#ifndef CONFIG_MODEL_VALUE_READER_H
#define CONFIG_MODEL_VALUE_READER_H

#include "base/secrets.h"
#include "config/model/layer.h"

/* What taking needs to know, and who is told. */
struct taker {
    struct complaints *complaints;
    const char *directory;   /* of the configuration; NULL: paths stay as they are */
    bool expands;            /* ${VAR} */
    struct secrets *secrets; /* what came out of variables into keys of secrets */
    bool unknown_to_libpq[KEY_COUNT];
    bool told[KEY_COUNT]; /* of a key that is judged later, once per block */
};

/* text is taken over.  What is wrong with it is complained about, and nothing is set;
 * taking goes on. */
void taker_take(struct taker *taker, struct layer *layer, enum key key, char *text,
                struct place at);
/* That this process's libpq is too old for the key. */
void taker_complain_unknown(struct complaints *complaints, enum key key,
                            struct place at);
/* "KEY=VALUE" */
void taker_take_label(struct taker *taker, struct layer *layer, char *text,
                      struct place at);

/* Takes out of all complaints what a variable brought into keys that are not secret,
 * once it is known which variables are. */
void taker_redact(struct taker *taker);

/* The same values in libpq's own spelling, as services and connection strings have
 * them: seconds without unit, 1 and 0.  A copy; NULL: no memory. */
char *taker_from_libpq(enum key key, const char *text);

#endif
