/* One value on its way from text to a layer: expanded, read, judged. */
#ifndef CONFIG_MODEL_VALUE_READER_H
#define CONFIG_MODEL_VALUE_READER_H

#include "base/secrets.h"
#include "config/model/layer.h"

/* What taking needs to know, and who is told. */
struct value_reader {
    struct diagnostic_list *diagnostics;
    const char *directory;   /* of the configuration; NULL: paths stay as they are */
    bool expands;            /* ${VAR} */
    struct secrets *secrets; /* what came out of variables into keys of secrets */
    bool unknown_to_libpq[KEY_COUNT];
    bool told[KEY_COUNT]; /* of a key that is judged later, once per block */
};

/* Notes which keys the libpq of this process does not know. */
bool value_reader_ask_libpq(struct value_reader *reader);
/* text is taken over.  What is wrong with it is complained about, and nothing is set;
 * taking goes on. */
void value_reader_set(struct value_reader *reader, struct layer *layer, enum key key,
                      char *text, struct source_pos at);
/* That this process's libpq is too old for the key. */
void value_reader_refuse_unknown(struct diagnostic_list *diagnostics, enum key key,
                                 struct source_pos at);
/* "KEY=VALUE" */
void value_reader_set_label(struct value_reader *reader, struct layer *layer,
                            char *text, struct source_pos at);

/* Takes out of all complaints what a variable brought into keys that are not secret,
 * once it is known which variables are. */
void value_reader_redact(struct value_reader *reader);

/* The same values in libpq's own spelling, as services and connection strings have
 * them: seconds without unit, 1 and 0.  A copy; NULL: no memory. */
char *value_reader_from_libpq(enum key key, const char *text);

#endif
