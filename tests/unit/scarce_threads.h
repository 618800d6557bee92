/* A system that can be told to have no more threads, and counts those that it gave.
 * For programs linked with --wrap=pthread_create. */
#ifndef UNIT_SCARCE_THREADS_H
#define UNIT_SCARCE_THREADS_H

#include <stdatomic.h>

extern atomic_bool no_threads;
extern atomic_uint threads_started;

#endif
