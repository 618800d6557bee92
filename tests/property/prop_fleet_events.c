/* Several readers, each at its own pace, and texts that come and go.  Whatever is
 * written is read once by every reader or counted as missed; a text is the one that was
 * kept, or it is gone; and what may not be gone yet is there. */
#include "fleet/events.h"
#include "fleet/texts.h"
#include "tests/property/walk.h"
#include "tests/test.h"

#include <string.h>

enum { WALKS = 200, STEPS = 2000, READERS = 4, WORDS = 300, SIZE = 4096 };

struct reader {
    struct pgcensus_cursor cursor;
    uint64_t seq, edges, samples; /* the last one, and how many were read */
};

struct crowd {
    struct events *events;
    struct reader readers[READERS];
    uint64_t edges, samples; /* that were written */
    size_t room;             /* for each of them, at least */
};

static void write_one(struct crowd *crowd, struct rng *rng)
{
    bool is_sample = rng_below(rng, 10) > 0;
    struct pgcensus_event event = {.kind = is_sample ? PGCENSUS_EVENT_CHECK_OK
                                                     : PGCENSUS_EVENT_NODE_HEALTH};
    events_add(crowd->events, &event, NULL);
    *(is_sample ? &crowd->samples : &crowd->edges) += 1;
}

static void read_some(struct crowd *crowd, struct reader *reader, struct rng *rng)
{
    struct pgcensus_event event;
    for (size_t n = rng_below(rng, 60); n > 0; n--) {
        if (!events_next(crowd->events, &reader->cursor, &event)) {
            assert_int_equal(reader->edges + reader->cursor.missed_edges, crowd->edges);
            assert_int_equal(reader->samples + reader->cursor.missed_samples,
                             crowd->samples);
            assert_false(events_waiting(crowd->events));
            return;
        }
        assert_true(event.seq > reader->seq);
        assert_true(event.seq <= crowd->edges + crowd->samples);
        reader->seq = event.seq;
        if (event.kind == PGCENSUS_EVENT_NODE_HEALTH)
            reader->edges++;
        else
            reader->samples++;
    }
    if (crowd->edges <= crowd->room)
        assert_int_equal(reader->cursor.missed_edges, 0);
}

static void readers_walk(void **state)
{
    struct rng rng = walk_begin("readers");
    for (int walk = 0; walk < WALKS; walk++) {
        struct crowd crowd = {.room = 1 + rng_below(&rng, 60)};
        crowd.events = events_new(crowd.room, crowd.room, SIZE);
        for (int step = 0; step < STEPS; step++) {
            if (rng_below(&rng, 3) > 0)
                write_one(&crowd, &rng);
            else
                read_some(&crowd, &crowd.readers[rng_below(&rng, READERS)], &rng);
        }
        events_free(crowd.events);
    }
}

static void word_of(size_t i, char word[64])
{
    snprintf(word, 64, "%.*s%zu", (int)(i % 40), "the server said something at length ",
             i);
}

static void texts_walk(void **state)
{
    struct rng rng = walk_begin("texts");
    char word[64];
    for (int walk = 0; walk < WALKS / 4; walk++) {
        uint64_t kept[WORDS] = {0}, since[WORDS] = {0}, written = 0;
        struct texts *texts = texts_new(SIZE);
        size_t n = 1 + rng_below(&rng, WORDS);
        for (int step = 0; step < STEPS; step++) {
            size_t i = rng_below(&rng, n);
            word_of(i, word);
            kept[i] = texts_keep(texts, word);
            assert_true(kept[i]);
            written += strlen(word) + 1;
            since[i] = written;
            i = rng_below(&rng, n);
            const char *found = texts_find(texts, kept[i]);
            word_of(i, word);
            if (found)
                assert_string_equal(found, word);
            else /* the other half, and what is left blank where the ring ends */
                assert_true(!kept[i] ||
                            written - since[i] > SIZE / 2 - 2 * sizeof word);
        }
        texts_free(texts);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(readers_walk),
        cmocka_unit_test(texts_walk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
