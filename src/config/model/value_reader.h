/* A value on its way from text to a layer: expanded, read, checked. */
#ifndef CONFIG_MODEL_VALUE_READER_H
#define CONFIG_MODEL_VALUE_READER_H

#include "base/secrets.h"
#include "config/model/layer.h"

/* How the values of one load are read; sources differ in directory and expands. */
struct value_reader {
    struct diagnostic_list *diagnostics;
    const char *directory;   /* of the configuration; NULL: paths stay as they are */
    bool expands;            /* ${VAR} */
    struct secrets *secrets; /* what came out of variables into keys of secrets */
    bool unknown_to_libpq[KEY_COUNT];
    bool noted[KEY_COUNT]; /* that this version does not act on the key's block */
};

/* Finds out which keys the libpq of this process does not know.  False: no memory. */
bool value_reader_ask_libpq(struct value_reader *reader);
/* Sets a key in a layer; owns text from here on.  If something is wrong with it, it is
 * diagnosed and nothing is set. */
void value_reader_set(struct value_reader *reader, struct layer *layer, enum key key,
                      char *text, struct source_pos at);
/* Diagnoses that this process's libpq is too old for the key. */
void value_reader_refuse_unknown(struct diagnostic_list *diagnostics, enum key key,
                                 struct source_pos at);
/* The same with a label, "KEY=VALUE". */
void value_reader_set_label(struct value_reader *reader, struct layer *layer,
                            char *text, struct source_pos at);

/* Once all secrets are known: takes them out of the diagnostics, where a variable may
 * have brought them by way of keys that are not secret. */
void value_reader_redact(struct value_reader *reader);

/* Our spelling of a value in libpq's, as services and connection strings have it:
 * seconds without a unit, 1 and 0.  A copy; NULL: no memory. */
char *value_reader_from_libpq(enum key key, const char *text);

#endif
