/* JSON with a line for each key, so that a difference is a line. */
#ifndef GOLDEN_SPREAD_H
#define GOLDEN_SPREAD_H

#include "base/buf.h"

/* Spreads documents that have no white space but a newline behind each: what is added
 * is white space only, so two spread texts are equal if their documents are, byte by
 * byte.  False: there is white space between the parts of a document, or a NUL. */
bool spread_json(const struct buf *documents, struct buf *ret_lines);

#endif
