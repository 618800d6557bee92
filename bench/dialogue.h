/* What a responder says to what a client says: bytes in, bytes out, no socket. */
#ifndef BENCH_DIALOGUE_H
#define BENCH_DIALOGUE_H

#include <stdbool.h>
#include <stddef.h>

enum { DIALOGUE_MAX_INPUT = 4096, DIALOGUE_MAX_ANSWER = 1024 };

struct dialogue {
    bool started, binary; /* start-up is over; the last Bind wants binary results */
    bool in_transaction;  /* between a BEGIN and its end */
    size_t n;             /* bytes of input, filled by the caller */
    unsigned char input[DIALOGUE_MAX_INPUT];
};

struct answer {
    size_t n;
    char bytes[DIALOGUE_MAX_ANSWER];
};

/* Answers every complete message of the input and drops it; false: the client is
 * leaving, or talks nonsense. */
bool dialogue_go_on(struct dialogue *dialogue, struct answer *answer);

#endif
